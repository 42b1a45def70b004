//! Properties of an application that a plan has set: what still is so, and what has been changed since.

use crate::change::ApplicationProperties;
use crate::types::{Application, CredentialLock, RequiredResourceAccess, ResourceAccess};

/// Those that are still as the plan has set them.
#[derive(Default)]
pub(super) struct Properties {
    /// As they are.
    pub(super) set: ApplicationProperties,
    /// As they were before.
    pub(super) before: ApplicationProperties,
    /// Names of those that are neither.
    pub(super) changed: Vec<&'static str>,
}

impl Properties {
    /// Of the application as it is now, by what the plan has set and by what was there before.
    pub(super) fn of(app: &Application, to: &ApplicationProperties, before: &ApplicationProperties) -> Self {
        let Self { mut set, before: mut was, mut changed } = Self::default();
        let mut tell = |name, standing| {
            if standing == Standing::Changed {
                changed.push(name);
            }
            standing == Standing::AsSet
        };
        let (permissions, is) = (&to.required_resource_access, &app.required_resource_access);
        let both = (permissions.as_ref(), before.required_resource_access.as_ref());
        if tell("permissions", standing(both, is, |a, b| same_permissions(a, b))) {
            set.required_resource_access.clone_from(permissions);
            was.required_resource_access.clone_from(&before.required_resource_access);
        }
        let both = (to.tags.as_ref(), before.tags.as_ref());
        if tell("tags", standing(both, &app.tags, |a, b| same_tags(a, b))) {
            set.tags.clone_from(&to.tags);
            was.tags.clone_from(&before.tags);
        }
        let is = app.sign_in_audience.clone().unwrap_or_default();
        let both = (to.sign_in_audience.as_ref(), before.sign_in_audience.as_ref());
        if tell("audience", standing(both, &is, String::eq)) {
            set.sign_in_audience.clone_from(&to.sign_in_audience);
            was.sign_in_audience.clone_from(&before.sign_in_audience);
        }
        let is = app.service_principal_lock_configuration.clone().unwrap_or_default();
        let (lock, lock_before) =
            (&to.service_principal_lock_configuration, &before.service_principal_lock_configuration);
        if tell("lock of credentials", standing((lock.as_ref(), lock_before.as_ref()), &is, same_lock)) {
            set.service_principal_lock_configuration.clone_from(lock);
            was.service_principal_lock_configuration.clone_from(lock_before);
        }
        Self { set, before: was, changed }
    }
}

/// What has become of a property.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// The plan hasn't set it, or it is as before.
    Nothing,
    /// As the plan has set it.
    AsSet,
    /// Something else.
    Changed,
}

fn standing<T>((to, before): (Option<&T>, Option<&T>), is: &T, same: impl Fn(&T, &T) -> bool) -> Standing {
    match (to, before) {
        (Some(_), Some(before)) if same(is, before) => Standing::Nothing,
        (Some(to), Some(_)) if same(is, to) => Standing::AsSet,
        (Some(_), Some(_)) => Standing::Changed,
        // Without a value before there is none to go back to.
        (_, None) | (None, _) => Standing::Nothing,
    }
}

fn same_lock(one: &CredentialLock, other: &CredentialLock) -> bool {
    (one.is_enabled, one.all_properties) == (other.is_enabled, other.all_properties)
}

fn same_tags(one: &[String], other: &[String]) -> bool {
    let sorted = |tags: &[String]| {
        let mut tags = tags.to_vec();
        tags.sort_unstable();
        tags
    };
    sorted(one) == sorted(other)
}

/// Whatever their order.
pub(super) fn same_permissions(one: &[RequiredResourceAccess], other: &[RequiredResourceAccess]) -> bool {
    let sorted = |all: &[RequiredResourceAccess]| {
        let each = |api: &RequiredResourceAccess| {
            let of = |access: &ResourceAccess| {
                (api.resource_app_id.to_ascii_lowercase(), access.id.to_ascii_lowercase(), access.kind.clone())
            };
            api.resource_access.iter().map(of).collect::<Vec<_>>()
        };
        let mut all: Vec<_> = all.iter().flat_map(each).collect();
        all.sort_unstable();
        all
    };
    sorted(one) == sorted(other)
}

#[cfg(test)]
mod tests {
    use super::same_permissions;
    use crate::types::{RequiredResourceAccess, ResourceAccess};

    #[test]
    fn the_order_of_permissions_makes_no_difference() {
        let access = |id: &str| ResourceAccess { id: id.into(), kind: "Role".into() };
        let api = |ids: [&str; 2]| {
            vec![RequiredResourceAccess { resource_app_id: "g".into(), resource_access: ids.map(access).to_vec() }]
        };
        assert!(same_permissions(&api(["1", "2"]), &api(["2", "1"])));
        assert!(!same_permissions(&api(["1", "2"]), &api(["1", "3"])));
    }
}
