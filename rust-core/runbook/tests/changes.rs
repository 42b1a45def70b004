//! Changes are values: written down, read back without loss, and turned round.

use std::error::Error;

use pp_runbook::change::{AppKey, ApplicationProperties, Change, ChangeKind, Object, SecretEnd};
use pp_runbook::change_request::Ids;
use pp_runbook::stage::Stage;
use pp_runbook::step::StepName;
use pp_runbook::types::{CredentialLock, RequiredResourceAccess, ResourceAccess};
use pp_runbook::undo::{Undo, undo};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

fn permissions() -> Vec<RequiredResourceAccess> {
    let access = ResourceAccess { id: "role".into(), kind: "Role".into() };
    vec![RequiredResourceAccess { resource_app_id: "graph".into(), resource_access: vec![access] }]
}

fn lock() -> CredentialLock {
    CredentialLock::default().made_whole()
}

/// One of every kind, with the id of what it makes.
fn every_kind() -> Vec<(Change, Option<&'static str>)> {
    let id = || "id".to_owned();
    let to = ApplicationProperties {
        required_resource_access: Some(permissions()),
        tags: Some(vec!["kept".into(), "ours".into()]),
        sign_in_audience: Some("AzureADMyOrg".into()),
        service_principal_lock_configuration: Some(lock()),
    };
    let before = ApplicationProperties { tags: Some(vec!["kept".into()]), ..ApplicationProperties::default() };
    let resource = id;
    let mut all = vec![
        (ChangeKind::SwitchSyncOff { organization: id() }, StepName::DirSync, None),
        (
            ChangeKind::CreateApplication {
                display_name: "App".into(),
                permissions: permissions(),
                key: AppKey::Ours,
                lock: Some(lock()),
            },
            StepName::Application,
            Some("made"),
        ),
        (ChangeKind::UpdateApplication { id: id(), to, before }, StepName::Application, None),
        (ChangeKind::CreateServicePrincipal, StepName::ServicePrincipal, Some("made")),
        (ChangeKind::SetServicePrincipalEnabled { id: id(), enabled: true }, StepName::ServicePrincipal, None),
        (
            ChangeKind::CreateGrant { resource: resource(), scopes: vec!["User.Read".into()] },
            StepName::DelegatedConsent,
            Some("made"),
        ),
        (
            ChangeKind::SetGrantScope { id: id(), to: "A B".into(), before: "A".into() },
            StepName::DelegatedConsent,
            None,
        ),
        (
            ChangeKind::AssignAppRole { resource: resource(), role: "role".into(), name: "Group.Create".into() },
            StepName::ApplicationConsent,
            Some("made"),
        ),
        (ChangeKind::AssignGlobalAdministrator, StepName::GlobalAdministrator, Some("made")),
        (ChangeKind::AddSecret { end: SecretEnd::Runbook }, StepName::ClientSecret, Some("made")),
        (
            ChangeKind::AddSecret { end: SecretEnd::After(Duration::new(90_000, 7)) },
            StepName::ClientSecret,
            Some("made"),
        ),
        (ChangeKind::RemoveSecret { key_id: id() }, StepName::ClientSecret, None),
    ];
    for object in [
        Object::Application,
        Object::ServicePrincipal,
        Object::Grant,
        Object::AppRoleAssignment { resource: resource() },
        Object::RoleAssignment,
    ] {
        all.push((ChangeKind::Remove { object, id: id() }, StepName::Application, None));
    }
    all.into_iter().map(|(kind, step, made)| (kind.of(step), made)).collect()
}

/// What is done with what was deleted, with the way back where there is one.
fn of_deleted() -> Vec<(Change, Option<Object>)> {
    let (id, app_id) = (|| "id".to_owned(), || "app".to_owned());
    let restore = ChangeKind::RestoreApplication { id: id(), app_id: app_id() };
    let purge = ChangeKind::PurgeApplication { id: id(), app_id: app_id() };
    let principal = ChangeKind::RestoreServicePrincipal { id: id() };
    let create = ChangeKind::CreateApplication {
        display_name: "App".into(),
        permissions: permissions(),
        key: AppKey::Beside(app_id()),
        lock: None,
    };
    vec![
        (restore.of(StepName::Application), Some(Object::Application)),
        (purge.of(StepName::Application), None),
        (principal.of(StepName::ServicePrincipal), Some(Object::ServicePrincipal)),
        (create.of(StepName::Application), Some(Object::Application)),
    ]
}

#[test]
fn what_is_done_with_the_deleted_is_written_down_sent_and_turned_round() -> Result<(), Box<dyn Error>> {
    let sent = [
        ("POST", "/directory/deletedItems/id/restore"),
        ("DELETE", "/directory/deletedItems/id"),
        ("POST", "/directory/deletedItems/id/restore"),
        ("PATCH", "/applications(uniqueName='practice-protect-federation-app')"),
    ];
    for ((change, back), sent) in of_deleted().into_iter().zip(sent) {
        let text = serde_json::to_string(&change)?;
        assert_eq!(serde_json::from_str::<Change>(&text)?, change, "{text}");
        let request = change.request(&ids()).ok_or("no request")?;
        assert_eq!((request.method, request.path.as_str()), sent);
        let way = match undo(&change, Some("id")) {
            Undo::Change(Change { kind: ChangeKind::Remove { object, .. }, .. }) => Some(object),
            Undo::Change(_) | Undo::Impossible(_) => None,
        };
        assert_eq!(way, back, "{change:?}");
    }
    Ok(())
}

fn ids() -> Ids<'static> {
    let known = Some("known");
    Ids { application: known, app_id: known, principal: known, upsert: true, start: OffsetDateTime::UNIX_EPOCH }
}

#[test]
fn every_kind_is_written_down_and_read_back_without_loss() -> Result<(), Box<dyn Error>> {
    for (change, _) in every_kind() {
        let text = serde_json::to_string(&change)?;
        let read: Change = serde_json::from_str(&text)?;
        assert_eq!(read, change, "{text}");
        assert_eq!(read.request(&ids()), change.request(&ids()));
    }
    Ok(())
}

#[test]
fn a_request_waits_for_the_ids_it_is_built_on() {
    let none = Ids { application: None, app_id: None, principal: None, ..ids() };
    for (change, _) in every_kind() {
        assert!(change.request(&ids()).is_some(), "{change:?}");
        let needs = matches!(
            change.kind,
            ChangeKind::CreateServicePrincipal
                | ChangeKind::CreateGrant { .. }
                | ChangeKind::AssignAppRole { .. }
                | ChangeKind::AssignGlobalAdministrator
                | ChangeKind::AddSecret { .. }
                | ChangeKind::RemoveSecret { .. }
        );
        assert_eq!(change.request(&none).is_none(), needs, "{change:?}");
    }
}

#[test]
fn what_cannot_be_taken_back_is_what_goes_last() {
    for (change, made) in every_kind()
        .into_iter()
        .filter(|(change, _)| !matches!(change.kind, ChangeKind::Remove { .. } | ChangeKind::RemoveSecret { .. }))
    {
        let impossible = matches!(undo(&change, made), Undo::Impossible(_));
        assert_eq!(impossible, change.stage() == Stage::Irreversible, "{change:?}");
    }
}

#[test]
fn a_change_of_a_value_turned_round_twice_is_itself() {
    for (change, made) in every_kind().into_iter().filter(|(_, made)| made.is_none()) {
        if let Undo::Change(back) = undo(&change, made) {
            assert_ne!(back, change);
            assert_eq!(undo(&back, None), Undo::Change(change));
        }
    }
}

#[test]
fn what_was_made_is_taken_away_by_its_id_and_not_without() -> Result<(), Box<dyn Error>> {
    for (change, made) in every_kind().into_iter().filter(|(_, made)| made.is_some()) {
        let Undo::Change(back) = undo(&change, made) else { return Err("no way back".into()) };
        let request = back.request(&ids()).map(|request| format!("{}{:?}", request.path, request.body));
        assert!(request.is_some_and(|request| request.contains("made")), "{back:?}");
        assert!(matches!(undo(&change, None), Undo::Impossible(_)));
    }
    Ok(())
}

#[test]
fn a_secrets_dates_are_sent_in_utc_whatever_the_zone_of_the_clock() -> Result<(), Box<dyn Error>> {
    let start = datetime!(2026-12-01 10:30:00 +10:00);
    let change = ChangeKind::AddSecret { end: SecretEnd::After(Duration::DAY) }.of(StepName::ClientSecret);
    let body = change.request(&Ids { start, ..ids() }).and_then(|request| request.body).ok_or("no body")?;
    let credential = &body["passwordCredential"];
    assert_eq!(credential["startDateTime"], "2026-12-01T00:30:00Z");
    assert_eq!(credential["endDateTime"], "2026-12-02T00:30:00Z");
    Ok(())
}
