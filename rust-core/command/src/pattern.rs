//! Patterns of paths, addresses and names in which `{TenantId}` and `{Name}` stand for what differs between tenants.

use pp_report::rows::Tenant;

/// What stands for the tenant's id.
pub(crate) const TENANT_ID: &str = "{TenantId}";
/// What stands for its name.
const NAME: &str = "{Name}";

/// Whether a pattern differs between tenants, if not for certain between any two.
pub(crate) fn differs(pattern: &str) -> bool {
    is_own(pattern) || takes_name(pattern)
}

/// Whether a pattern gives each tenant a text of its own: names of two may be the same, or come to the same text.
pub(crate) fn is_own(pattern: &str) -> bool {
    pattern.contains(TENANT_ID)
}

/// Whether a text is made of the tenant's name.
pub(crate) fn takes_name(pattern: &str) -> bool {
    pattern.contains(NAME)
}

/// A pattern as a path: of a name only what is harmless in one.
pub(crate) fn filled(pattern: &str, tenant: &Tenant) -> String {
    fill(pattern, tenant, |character| character.is_alphanumeric() || " .,_-".contains(character))
}

/// A pattern as the address of a vault, whose name has small letters, digits and single hyphens.
pub(crate) fn addressed(pattern: &str, tenant: &Tenant) -> String {
    let name = tenant.name.as_deref().unwrap_or(&tenant.id).to_ascii_lowercase();
    let words = name.split(|character: char| !character.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    pattern.replace(TENANT_ID, &tenant.id).replace(NAME, &words.collect::<Vec<_>>().join("-"))
}

/// A pattern as the name of a secret, which has letters, digits and hyphens.
pub(crate) fn named(pattern: &str, tenant: &Tenant) -> String {
    fill(pattern, tenant, |character| character.is_ascii_alphanumeric())
}

fn fill(pattern: &str, tenant: &Tenant, harmless: impl Fn(char) -> bool) -> String {
    let name = tenant.name.as_deref().unwrap_or(&tenant.id);
    let name: String = name.chars().map(|character| if harmless(character) { character } else { '-' }).collect();
    pattern.replace(TENANT_ID, &tenant.id).replace(NAME, name.trim_matches([' ', '.']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_takes_of_a_name_only_what_is_harmless() {
        let tenant = Tenant { id: "0-1".into(), name: Some("../A & B Pty. Ltd.".into()) };
        assert_eq!(filled("x/{TenantId}/{Name}.p7m", &tenant), "x/0-1/-A - B Pty. Ltd.p7m");
        assert_eq!(named("pp-{Name}", &tenant), "pp----A---B-Pty--Ltd-");
        let address = addressed("https://pp-{Name}.vault.azure.net/{TenantId}", &tenant);
        assert_eq!(address, "https://pp-a-b-pty-ltd.vault.azure.net/0-1");
    }
}
