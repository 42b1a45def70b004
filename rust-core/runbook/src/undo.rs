//! The way back of each change: a change of the same kind of value, or the reason why there is none. Pure.

use crate::change::{Change, ChangeKind, Object};
use crate::steps::directory_sync::NO_WAY_BACK;

/// The way back.
#[expect(clippy::large_enum_variant, reason = "one is made at a time, and taken apart at once")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Undo {
    /// This change takes it back.
    Change(Change),
    /// It can't be taken back, and why.
    Impossible(&'static str),
}

/// How a change is taken back; `made` is the id of what it made, where it made something.
pub fn undo(change: &Change, made: Option<&str>) -> Undo {
    let kind = match (&change.kind, made) {
        (ChangeKind::SwitchSyncOff { .. }, _) => {
            return Undo::Impossible(NO_WAY_BACK);
        }
        (ChangeKind::UpdateApplication { id, to, before }, _) => {
            ChangeKind::UpdateApplication { id: id.clone(), to: before.clone(), before: to.clone() }
        }
        (ChangeKind::SetServicePrincipalEnabled { id, enabled }, _) => {
            ChangeKind::SetServicePrincipalEnabled { id: id.clone(), enabled: !enabled }
        }
        (ChangeKind::SetGrantScope { id, to, before }, _) => {
            ChangeKind::SetGrantScope { id: id.clone(), to: before.clone(), before: to.clone() }
        }
        (ChangeKind::RestoreApplication { id, .. }, _) => remove(Object::Application, id),
        (ChangeKind::RestoreServicePrincipal { id }, _) => remove(Object::ServicePrincipal, id),
        (ChangeKind::PurgeApplication { .. }, _) => {
            return Undo::Impossible("what was deleted for good can't be restored");
        }
        (ChangeKind::RemoveSecret { .. }, _) => return Undo::Impossible("the text of a secret can't be read again"),
        (ChangeKind::Remove { .. }, _) => {
            return Undo::Impossible("what was taken away is made anew by the step that made it");
        }
        (_, None) => return Undo::Impossible("the id of what it made is not known"),
        (ChangeKind::CreateApplication { .. }, Some(id)) => remove(Object::Application, id),
        (ChangeKind::CreateServicePrincipal, Some(id)) => remove(Object::ServicePrincipal, id),
        (ChangeKind::CreateGrant { .. }, Some(id)) => remove(Object::Grant, id),
        (ChangeKind::AssignAppRole { resource, .. }, Some(id)) => {
            remove(Object::AppRoleAssignment { resource: resource.clone() }, id)
        }
        (ChangeKind::AssignGlobalAdministrator, Some(id)) => remove(Object::RoleAssignment, id),
        (ChangeKind::AddSecret { .. }, Some(id)) => ChangeKind::RemoveSecret { key_id: id.to_owned() },
    };
    Undo::Change(kind.of(change.step))
}

fn remove(object: Object, id: &str) -> ChangeKind {
    ChangeKind::Remove { object, id: id.to_owned() }
}
