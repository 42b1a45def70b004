//! The names that public documentation of the portal knows.

/// Properties of `destination` that were seen in public. Source: Centrify's knowledge base, articles 4901, 7482, 10483 and 7423,
/// and the runbook.
pub const DESTINATION: [&str; 6] =
    ["CommonName", "DisplayName", "Mail", "MSExchMailboxGuid", "ProxyAddresses", "UsageLocation"];

/// Columns of the portal's users. Source: cyberark/idsec-sdk-golang, its query of `User`.
pub const SOURCE: [&str; 7] =
    ["DirectoryServiceUuid", "DisplayName", "Email", "ID", "LastLogin", "MobileNumber", "Username"];

/// What the runbook's script asks `source` for, and nothing else that is public.
pub const RUNBOOK_SOURCE: &str = "CanonicalizeName";

/// What is said of a property of `destination` that is in no documentation; none of one that is.
pub fn of_destination(name: &str) -> Option<String> {
    (!DESTINATION.contains(&name)).then(|| doubt("destination", name, DESTINATION))
}

/// What is said of a name that `source` was asked for, where the user's attributes are `there`; none of one that is among them or
/// in documentation.
pub fn of_source<'a>(name: &str, there: impl Iterator<Item = &'a str> + Clone) -> Option<String> {
    if name == RUNBOOK_SOURCE {
        return Some(format!("source.{name} (known from the runbook alone)"));
    }
    let mut known = SOURCE.into_iter().chain(there);
    (!known.clone().any(|known| known == name)).then(|| doubt("source", name, &mut known))
}

/// What is said of a name that `source` was asked for and that an attribute has by assumption alone: the portal's list calls it otherwise.
pub fn assumed(name: &str, header: &str) -> String {
    format!("source.{name} (perhaps {header} is meant)")
}

fn doubt<'a>(object: &str, name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    match known.into_iter().find(|known| known.eq_ignore_ascii_case(name)) {
        Some(meant) => format!("{object}.{name} (perhaps {meant} is meant)"),
        None => format!("{object}.{name}"),
    }
}
