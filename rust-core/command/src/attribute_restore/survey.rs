//! What of a backup differs now, in numbers: what a confirmation says, and what can't be put back.

use std::collections::BTreeMap;

use super::Work;
use crate::output::Output;
use pp_attributes::account::Account;
use pp_attributes::object_id::ObjectId;
use pp_attributes::restore::{Asked, Kept, Plan, Restorable, plan};
use pp_graph::error::GraphError;
use pp_report::error::OpError;
use pp_runbook::sign_in_needs::{CHANGES_ADMINISTRATORS, CHANGES_USERS, Holder};

/// What of the backup differs now.
#[derive(Default)]
pub(super) struct Survey {
    /// Where the lines of users begin of whom something is told.
    pub(super) differing: Vec<u64>,
    /// Of how many users something is written.
    pub(super) users: u64,
    /// How many administrators are among them whose name or Immutable ID is written.
    administrators: u64,
    /// How many values are put back, by attribute.
    values: BTreeMap<&'static str, u64>,
    /// How many can't be, by attribute and reason.
    kept: BTreeMap<(&'static str, Kept), u64>,
    /// How many users were read.
    read: u64,
    /// Why others were not.
    unread: Vec<GraphError>,
}

impl Survey {
    /// Compares all users that are meant. Where not one could be read, that ends it.
    pub(super) fn of(work: &mut Work, output: &Output) -> Result<Self, OpError> {
        let Work { operation, backup, attributes, domains, administrators, .. } = work;
        let mut survey = Self::default();
        operation.run(output, |graph, _| {
            backup.compare(&graph, output, |was, now, at| {
                match now {
                    Ok(now) => {
                        let asked = Asked { attributes, domains, refused: &[], before: None, indirectly: false };
                        let plan = plan(was, now, asked);
                        let administers = ObjectId::parse(&was.id).is_some_and(|id| administrators.contains(&id));
                        survey.add(&plan, (was, now), administers, at);
                    }
                    Err(error) => {
                        survey.differing.push(at);
                        survey.unread.push(error);
                    }
                }
                Ok(())
            })
        })?;
        match survey.unread.first() {
            Some(error) if survey.read == 0 => Err(error.clone().into()),
            _ => Ok(survey),
        }
    }

    fn add(&mut self, plan: &Plan, (was, now): (&Account, Option<&Account>), administers: bool, at: u64) {
        self.read += 1;
        if plan.writes.is_empty() && plan.kept.is_empty() {
            return;
        }
        self.differing.push(at);
        for kept in &plan.kept {
            *self.kept.entry((kept.attribute, kept.why)).or_default() += 1;
        }
        let is_written = |attribute: &Restorable| plan.writes.iter().flatten().any(|(written, _)| written == attribute);
        let stays = |attribute: &Restorable| plan.kept.iter().any(|kept| kept.attribute == attribute.name());
        // A name for the time being is none that is put back.
        let differs = |attribute: &Restorable| attribute.of(was) != now.and_then(|now| attribute.of(now));
        let put_back = |attribute: &Restorable| is_written(attribute) && differs(attribute) && !stays(attribute);
        for attribute in Restorable::ALL.iter().filter(|attribute| put_back(attribute)) {
            *self.values.entry(attribute.name()).or_default() += 1;
        }
        self.users += u64::from(!plan.writes.is_empty());
        let sensitive = is_written(&Restorable::ImmutableId) || is_written(&Restorable::UserPrincipalName);
        self.administrators += u64::from(administers && sensitive);
    }

    /// What is to be confirmed.
    pub(super) fn action(&self) -> String {
        let counts: Vec<String> = self.values.iter().map(|(name, count)| format!("{name} of {count}")).collect();
        let sum: u64 = self.values.values().sum();
        format!("Put back {sum} attributes of {}: {}", users(self.users), counts.join(", "))
    }

    /// What can't be put back, before anything is, by one who holds this.
    pub(super) fn warn(&self, output: &Output, holder: Option<&Holder>) -> Result<(), OpError> {
        for ((attribute, why), count) in &self.kept {
            let (whom, why) = (users(*count), (*why, why.words()));
            output.warning(match why {
                (Kept::Gone, words) => format!("{whom} of the backup can't be restored: {words}"),
                (_, words) => format!("the attribute {attribute} of {whom} can't be put back: {words}"),
            })?;
        }
        if let Some(error) = self.unread.first() {
            let whom = users(self.unread.len() as u64);
            output.warning(format!(
                "{whom} of the backup can't be read now, which a restore of others tries once more: {error}"
            ))?;
        }
        if self.users > 0 && holder.is_some_and(Holder::shows_no_role_that_changes_users) {
            let (role, _) = CHANGES_USERS;
            output.warning(format!(
                "the token of the person who signed in shows no role that lets users be changed, which usually takes {role}: Microsoft Graph \
                 may refuse every write"
            ))?;
        }
        let changes_administrators = holder.and_then(Holder::shows_role_that_changes_administrators);
        if self.administrators > 0 && changes_administrators == Some(false) {
            output.warning(format!(
                "administrators among those to be changed: {}. Sign-in name and Immutable ID of one who has a role, but for a few small \
                 ones, are changed by one who holds the role {CHANGES_ADMINISTRATORS}, and the token of this sign-in shows neither",
                self.administrators
            ))?;
        }
        Ok(())
    }
}

fn users(count: u64) -> String {
    if count == 1 { "1 user".to_owned() } else { format!("{count} users") }
}
