//! The runbook's table: who owns which user attribute once the federation is in force.

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
    /// What writes it, and from where the value comes.
    pub written_by: &'static str,
    /// What an administrator can still change, and where.
    pub can_change: &'static str,
}

const SYNC: &str =
    "Practice Protect, from the user's display name in the portal, or the script's destination.DisplayName";
const IN_PORTAL: &str = "Change it in the portal; in Microsoft 365 a change lasts until the next sync";

const fn owned(name: &'static str, graph: &'static [&'static str]) -> Attribute {
    Attribute {
        name,
        graph,
        owner: Owner::PracticeProtect,
        effect: "Overwritten",
        written_by: SYNC,
        can_change: IN_PORTAL,
    }
}

const fn kept(name: &'static str, graph: &'static [&'static str]) -> Attribute {
    Attribute {
        name,
        graph,
        owner: Owner::Microsoft365,
        effect: "Never overwritten",
        written_by: "Administrators, in Microsoft 365",
        can_change: "Everything, in Microsoft 365 admin center",
    }
}

/// In the order of the runbook, section 0. Sources of what can be changed where: Microsoft Graph documentation, "user resource type" and
/// "Update user".
pub const ATTRIBUTES: [Attribute; 12] = [
    owned("Display name", &["displayName"]),
    Attribute {
        written_by: "Practice Protect, from the script's destination.UsageLocation",
        can_change: "Change the script's country; for some users alone, by a condition in the script",
        effect: "Overwritten by the provisioning script's country",
        ..owned("Location", &["usageLocation"])
    },
    Attribute {
        written_by: "Practice Protect, from the user's immutable ID in the portal",
        can_change: "Change it in the portal; in Microsoft 365 not while the sign-in name is in a federated domain",
        effect: "Overwritten; both sides must hold the same",
        ..owned("Immutable ID", &["onPremisesImmutableId"])
    },
    Attribute {
        written_by: "Practice Protect, from the user's name in the portal; mail from the script's destination.Mail",
        can_change: "Change the name in the portal, to one in a verified domain; in Microsoft 365 a change lasts until the next sync",
        effect: "Overwritten; becomes the primary address and the sign-in name",
        ..owned("Primary e-mail, user name, UPN", &["userPrincipalName", "mail"])
    },
    Attribute {
        owner: Owner::Neither,
        effect: "Not touched: another field than Location",
        ..kept("Office location", &["officeLocation"])
    },
    Attribute {
        written_by: "Exchange Online",
        can_change: "Add and remove aliases in Exchange admin center; Microsoft Graph can't write them",
        ..kept("E-mail aliases (proxy addresses)", &["proxyAddresses"])
    },
    Attribute {
        can_change: "Assign licences by user or by group; a user needs a Location for one",
        ..kept("Licences", &["assignedLicenses"])
    },
    Attribute {
        written_by: "Exchange Online",
        can_change: "Hide and show users in Exchange admin center",
        ..kept("HideFromAddressList", &["showInAddressList"])
    },
    kept("Manager", &["manager"]),
    kept("Addresses", &["streetAddress", "city", "state", "postalCode", "country"]),
    Attribute {
        can_change: "Everything, in Microsoft 365 admin center; an administrator's phones take a role that may",
        ..kept("Phones and fax", &["businessPhones", "mobilePhone", "faxNumber"])
    },
    Attribute {
        can_change: "Everything, in Microsoft 365 admin center; an administrator's take a role that may",
        ..kept("Other e-mail addresses", &["otherMails"])
    },
];
