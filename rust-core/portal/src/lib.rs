//! Practice Protect's side (runbook, step 6): what is typed where, and the provisioning script. There is no public API
//! for these three actions, so this is a guided hand-over; nothing here calls the portal.
#![forbid(unsafe_code)]

use thiserror::Error;

/// A country that can't be a usage location.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the usage location '{0}' is not a country code of two letters (ISO 3166-1 alpha-2), such as AU or GB")]
pub struct NoCountry(pub String);

/// The country codes of ISO 3166-1 alpha-2.
const COUNTRIES: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT \
    BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK \
    FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE \
    JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ \
    MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO \
    RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW \
    TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";

/// What the script's reader must know: where it goes, and what of it is not verified.
pub const SCRIPT_NOTE: &str = "Keep a copy of the present script. Merge-PPProvisioningScript puts the two lines \
    into a script that is there. source.CanonicalizeName is the runbook's; it is in no public documentation of the portal.";

/// The country codes, in their order.
pub fn countries() -> impl Iterator<Item = &'static str> {
    COUNTRIES.split_whitespace()
}

/// A country code, checked, in capitals.
pub fn usage_location(given: &str) -> Result<String, NoCountry> {
    let code = given.trim().to_ascii_uppercase();
    let known = code.len() == 2 && countries().any(|country| country == code);
    if known { Ok(code) } else { Err(NoCountry(given.into())) }
}

/// A line of the runbook's script: a property of `destination`, and what it is set to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptLine {
    /// The property.
    pub property: &'static str,
    /// The line.
    pub text: String,
}

/// The two lines of the runbook's script for a firm's country.
pub fn script_lines(country: &str) -> [ScriptLine; 2] {
    let line = |property, value: &str| ScriptLine { property, text: format!("destination.{property} = {value};") };
    [line("UsageLocation", &format!("\"{country}\"")), line("Mail", "source.CanonicalizeName")]
}

/// The provisioning script of the runbook for a firm's country.
pub fn provisioning_script(country: &str) -> String {
    let [location, mail] = script_lines(country);
    format!("if (isPerson()) {{\n  //UsageLocation\n  {}\n  {}\n}}\n", location.text, mail.text)
}

/// The identifiers the portal asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identifiers {
    /// Directory (tenant) id.
    pub tenant: String,
    /// Application (client) id.
    pub app: String,
    /// The secrets PPToken that have not ended, the newest first.
    pub secrets: Vec<Secret>,
}

/// A client secret whose text may be the one that is entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secret {
    /// Its id.
    pub key_id: String,
    /// When it starts, in words.
    pub start: String,
    /// It has started.
    pub works: bool,
    /// Since when the tenant knows it to be in place, in words; of one at most.
    pub in_place: Option<String>,
}

/// One entry of the hand-over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandoverItem {
    /// Where in the portal.
    pub place: &'static str,
    /// Which field or button.
    pub field: &'static str,
    /// What goes there.
    pub value: String,
    /// What to mind.
    pub note: String,
}

const AUTHENTICATION: &str = "Apps > Web Apps > the Office 365 app > Authentication Method";
const SCRIPT: &str = "Apps > Web Apps > the Office 365 app > Provisioning > Provisioning Script";
const OUTBOUND: &str = "Settings > Users > Outbound Provisioning";

/// All of it, in the order in which it is done. `sync_done`: step 1 is confirmed complete. Never the secret's text.
pub fn handover(ids: &Identifiers, country: Option<&str>, sync_done: Option<bool>) -> Vec<HandoverItem> {
    let item =
        |place, field, value: &str, note: &str| HandoverItem { place, field, value: value.into(), note: note.into() };
    let script = country.map_or_else(
        || "Run Get-PPProvisioningScript -UsageLocation with the firm's country".to_owned(),
        provisioning_script,
    );
    let sync = match sync_done {
        Some(true) => "Directory synchronization is confirmed off",
        Some(false) => "NOT YET: directory synchronization is not confirmed off. See Get-PPDirSync",
        None => "First make sure that directory synchronization is off: it could not be read",
    };
    vec![
        item(AUTHENTICATION, "Authentication Method", "Token-Based Authentication", ""),
        item(AUTHENTICATION, "Directory (tenant) ID", &ids.tenant, ""),
        item(AUTHENTICATION, "Application (Client) ID", &ids.app, "The application id, not the object id"),
        item(
            AUTHENTICATION,
            "Client Secret Key",
            &secret_value(&ids.secrets),
            "The secret's text, not its id. Then Save",
        ),
        item(SCRIPT, "Provisioning Script", &script, SCRIPT_NOTE),
        item(OUTBOUND, "Provisioning Enabled Applications", "The Office 365 app", sync),
        item(OUTBOUND, "Start Sync", "", "Then View Synchronization Job Status and Reports"),
    ]
}

/// Of several the one in place; where none is known to be, the newest.
fn secret_value(secrets: &[Secret]) -> String {
    let working: Vec<&Secret> = secrets.iter().filter(|secret| secret.works).collect();
    let at = working.iter().position(|secret| secret.in_place.is_some());
    let Some(one) = working.get(at.unwrap_or_default()) else {
        return match secrets.last() {
            None => "There is no PPToken that is valid: run New-PPClientSecret".into(),
            Some(Secret { key_id, start, .. }) => {
                format!(
                    "PPToken {key_id} starts at {start}: for one that works before, run New-PPClientSecret -NewSecret"
                )
            }
        };
    };
    let text = format!("The text of PPToken {}", one.key_id);
    let ids = |secrets: &[&Secret]| secrets.iter().map(|one| one.key_id.as_str()).collect::<Vec<_>>().join(", ");
    match (at, &one.in_place, working.len()) {
        (Some(at), Some(since), 2..) => {
            let (newer, older) = (ids(&working[..at]), ids(&working[at + 1..]));
            let older = (!older.is_empty()).then(|| format!("older, and due to go once its overlap is over: {older}"));
            let newer = (!newer.is_empty()).then(|| format!("newer, and not known to be in place: {newer}"));
            let beside: Vec<String> = older.into_iter().chain(newer).collect();
            format!("{text}, which is in place since {since}; {}", beside.join("; "))
        }
        (_, _, 2..) => format!(
            "{text}, the newest, which started at {}; none is known to be in place, and there are besides: {}",
            one.start,
            ids(&working[1..])
        ),
        _ => format!("{text}, which was given once when it was made"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_has_straight_quotes_and_the_country() {
        assert_eq!(
            provisioning_script("AU"),
            "if (isPerson()) {\n  //UsageLocation\n  destination.UsageLocation = \"AU\";\n  destination.Mail = source.CanonicalizeName;\n}\n"
        );
    }

    #[test]
    fn only_countries_are_usage_locations() {
        assert_eq!(usage_location(" nz").as_deref(), Ok("NZ"));
        for text in ["", "A", "AUS", "XX", "UK", "\"; alert(1); \""] {
            assert_eq!(usage_location(text), Err(NoCountry(text.into())));
        }
    }
}
