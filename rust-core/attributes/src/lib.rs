//! Who owns which user attribute once the federation is in force: the runbook's table, and what the next provisioning would do
//! to each user. Nothing is read or written.
#![forbid(unsafe_code)]

pub mod account;
pub mod difference;
pub mod portal_user;

/// Who a user attribute belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// Practice Protect overwrites what Microsoft 365 has.
    PracticeProtect,
    /// Microsoft 365 keeps it.
    Microsoft365,
    /// Neither: shown, since it is easily taken for another.
    Neither,
}

impl Owner {
    /// The name in results.
    pub fn name(self) -> &'static str {
        match self {
            Self::PracticeProtect => "PracticeProtect",
            Self::Microsoft365 => "Microsoft365",
            Self::Neither => "Neither",
        }
    }
}

/// One attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attribute {
    /// The runbook's name.
    pub name: &'static str,
    /// Microsoft Graph's `user` properties.
    pub graph: &'static [&'static str],
    /// Who it belongs to.
    pub owner: Owner,
    /// What that means for the firm.
    pub effect: &'static str,
}

const fn overwritten(name: &'static str, graph: &'static [&'static str], effect: &'static str) -> Attribute {
    Attribute { name, graph, owner: Owner::PracticeProtect, effect }
}

const fn kept(name: &'static str, graph: &'static [&'static str]) -> Attribute {
    Attribute { name, graph, owner: Owner::Microsoft365, effect: "Never overwritten" }
}

/// In the order of the runbook, section 0.
pub const ATTRIBUTES: [Attribute; 12] = [
    overwritten("Display name", &["displayName"], "Overwritten"),
    overwritten("Location", &["usageLocation"], "Overwritten by the provisioning script's country"),
    overwritten("Immutable ID", &["onPremisesImmutableId"], "Overwritten; both sides must hold the same"),
    overwritten(
        "Primary e-mail, user name, UPN",
        &["userPrincipalName", "mail"],
        "Overwritten; becomes the primary address and the sign-in name",
    ),
    Attribute {
        name: "Office location",
        graph: &["officeLocation"],
        owner: Owner::Neither,
        effect: "Not touched: another field than Location",
    },
    kept("E-mail aliases (proxy addresses)", &["proxyAddresses"]),
    kept("Licences", &["assignedLicenses"]),
    kept("HideFromAddressList", &["showInAddressList"]),
    kept("Manager", &["manager"]),
    kept("Addresses", &["streetAddress", "city", "state", "postalCode", "country"]),
    kept("Phones and fax", &["businessPhones", "mobilePhone", "faxNumber"]),
    kept("Other e-mail addresses", &["otherMails"]),
];
