//! What the app management policies allow of a client secret, as far as a client can tell. What it can't see, as who is exempt,
//! is a doubt that is said, and the service has the last word. Source: Microsoft Graph documentation, app management policies.

use time::{Duration, OffsetDateTime};

use crate::change::SecretEnd;
use crate::deleted::live_or_restored;
use crate::duration;
use crate::observed::Observed;
use crate::problem::{LimitingPolicy, Problem};
use crate::step::{Situation, StepName};
use crate::steps::client_secret::valid_secrets;
use crate::types::{AppPolicy, CredentialRestriction, CredentialRestrictions};
use crate::wanted::{Lifetime, Wanted, runbook_end};

/// Entra compares to the second; other tools keep an hour's distance from the policy's limit (CIPP).
const POLICY_MARGIN: Duration = Duration::HOUR;

/// No secret may be added.
const ADDITION: &str = "passwordAddition";

/// None may live longer than this.
const LIFETIME: &str = "passwordLifetime";

/// A rule in force, and the policy that has it.
#[derive(Clone, Copy)]
struct Rule<'a> {
    policy: &'a str,
    /// That is the application's own.
    own: bool,
    restriction: &'a CredentialRestriction,
    /// The application's own policy, where this is the tenant's rule and that one has none of its kind. Microsoft's pages say
    /// that the own policy goes before the tenant's, as if wholly; CIPP writes every kind into its exemptions, as if what is
    /// absent fell back to the tenant's. So whether the rule holds then isn't known.
    beside: Option<&'a AppPolicy>,
}

impl Rule<'_> {
    /// True where it holds for whoever asks. A rule without a state counts as enabled.
    fn is_sure(&self) -> bool {
        self.beside.is_none()
            && self.restriction.exclude_actors.is_none()
            && matches!(self.restriction.state.as_deref(), None | Some("enabled"))
    }

    /// The longest life, `None` where that is no duration.
    fn limit(&self) -> Option<Duration> {
        self.restriction.max_lifetime.as_deref().and_then(duration::parse)
    }

    /// True where it allows none at all.
    fn forbids(&self) -> bool {
        self.restriction.restriction_type == ADDITION || self.limit().is_some_and(|limit| !limit.is_positive())
    }

    fn limiting(&self) -> LimitingPolicy {
        LimitingPolicy { id: self.policy.to_owned(), own: self.own }
    }

    /// Why it may or may not hold.
    fn why_unsure(&self) -> String {
        if let Some(AppPolicy { unknown: Some(_), .. }) = self.beside {
            return "whether the application has a policy of its own that allows more isn't known".to_owned();
        }
        if let Some(AppPolicy { id, is_enabled, .. }) = self.beside {
            let own = if *is_enabled { "says nothing about that" } else { "is not enabled" };
            return format!(
                "the application's own policy '{id}' {own}, and whether the tenant's rule counts then is not documented"
            );
        }
        let state = self.restriction.state.as_deref().filter(|state| *state != "enabled");
        state.map_or_else(|| "it exempts some callers".to_owned(), |state| format!("its state is '{state}'"))
    }
}

/// The rules of one kind that are in force for the application. A policy of its own wins over the tenant's where it has one of
/// that kind, a disabled one too; where it is silent, the tenant's may count.
fn in_force<'a>(observed: &'a Observed, kind: &str, created: OffsetDateTime) -> Vec<Rule<'a>> {
    let of_kind = |rules: Option<&'a CredentialRestrictions>| {
        let rules = rules.map(|rules| rules.password_credentials.as_slice()).unwrap_or_default();
        rules.iter().filter(|rule| rule.restriction_type == kind)
    };
    let own = || observed.app_policies.iter().flatten();
    let enabled = own().find(|policy| policy.is_enabled);
    let of_own = |own: &'a AppPolicy| {
        let rules = of_kind(own.restrictions.as_ref());
        rules.map(|restriction| Rule { policy: &own.id, own: true, restriction, beside: None }).collect::<Vec<_>>()
    };
    let mut rules = enabled.map(of_own).unwrap_or_default();
    if rules.is_empty()
        && let Some(tenant) = observed.policy.as_ref().ok().filter(|tenant| tenant.is_enabled)
    {
        let beside = enabled.or_else(|| own().next());
        let tenants = of_kind(tenant.application_restrictions.as_ref());
        rules = tenants.map(|restriction| Rule { policy: &tenant.id, own: false, restriction, beside }).collect();
    }
    rules.retain(|Rule { restriction, .. }| {
        restriction.state.as_deref() != Some("disabled")
            && restriction.restrict_for_apps_created_after_date_time.is_none_or(|after| after <= created)
    });
    rules
}

/// When the application was made, one that is restored too; now, where it is made by this run.
fn created(situation: &Situation<'_>) -> OffsetDateTime {
    live_or_restored(situation).and_then(|app| app.created_date_time).unwrap_or(situation.now)
}

/// The end the caller wants, where no policy surely forbids it.
pub(crate) fn allowed_end(situation: &Situation<'_>) -> Result<SecretEnd, Problem> {
    let Situation { observed, wanted, now } = *situation;
    let created = created(situation);
    let caps = in_force(observed, LIFETIME, created);
    let forbidding = in_force(observed, ADDITION, created).into_iter().chain(caps.iter().copied());
    if let Some(rule) = forbidding.filter(Rule::forbids).find(Rule::is_sure) {
        return Err(Problem::SecretsForbidden(rule.limiting()));
    }
    let asked = match wanted.lifetime {
        Lifetime::Runbook | Lifetime::Longest => runbook_end(now) - now,
        Lifetime::Exactly(time) => time,
    };
    // Who takes the longest that is allowed takes none that may be refused.
    let longest = wanted.lifetime == Lifetime::Longest;
    let counts = caps.iter().filter(|cap| !cap.forbids() && (longest || cap.is_sure()));
    let limit = counts.filter_map(|cap| Some((cap.limit()?, cap))).min_by_key(|(limit, _)| *limit);
    match (limit.filter(|(limit, _)| asked > *limit), wanted.lifetime) {
        (Some((limit, _)), Lifetime::Longest) => Ok(SecretEnd::After((limit - POLICY_MARGIN).max(limit / 2))),
        (Some((limit, cap)), _) => {
            let allowed = format!("{} days", limit.whole_days());
            Err(Problem::LifetimeForbidden { policy: cap.limiting(), allowed })
        }
        (None, Lifetime::Exactly(time)) => Ok(SecretEnd::After(time)),
        (None, Lifetime::Runbook | Lifetime::Longest) => Ok(SecretEnd::Runbook),
    }
}

/// Why the service may refuse a secret that is to be made, though nothing surely forbids it.
pub fn doubts(observed: &Observed, wanted: &Wanted, now: OffsetDateTime) -> Vec<String> {
    let situation = Situation { observed, wanted, now };
    let has_one =
        live_or_restored(&situation).is_some_and(|app| !valid_secrets(&app.password_credentials, now).is_empty());
    if !wanted.includes(StepName::ClientSecret) || (has_one && !wanted.new_secret) {
        return Vec::new();
    }
    let created = created(&situation);
    let tenants = observed.policy.as_ref().ok().and_then(|policy| policy.unknown.as_ref());
    let own = observed.app_policies.iter().flatten().filter_map(|own| own.unknown.as_ref());
    let unknown = tenants.into_iter().chain(own);
    let unknown = unknown.map(|why| {
        let tried = if matches!(wanted.lifetime, Lifetime::Exactly(_)) {
            "It is tried"
        } else {
            "It is tried with 100 years; where that is refused, a duration asks for less, as -ClientSecretLifetime P180D"
        };
        format!("whether a policy limits client secrets here isn't known: {why}. {tried}")
    });
    let rules = [ADDITION, LIFETIME].into_iter().flat_map(|kind| in_force(observed, kind, created));
    let one = |rule: Rule<'_>| {
        let policy = rule.policy;
        let limits = match (rule.forbids(), rule.limit(), rule.restriction.max_lifetime.as_deref()) {
            (true, ..) => "may forbid client secrets".to_owned(),
            (false, Some(limit), _) if !rule.is_sure() && wanted.lifetime != Lifetime::Longest => {
                format!("may limit client secrets to {} days", limit.whole_days())
            }
            (false, None, Some(text)) => {
                return Some(format!(
                    "the app management policy '{policy}' limits client secrets to '{text}', which is no duration. It is tried; where \
                     it is refused, give -ClientSecretLifetime a duration, as P180D"
                ));
            }
            (false, Some(_) | None, _) => return None,
        };
        (!rule.is_sure()).then(|| {
            let less = if rule.forbids() { "" } else { "; -ClientSecretLifetime Longest keeps within that" };
            format!(
                "the app management policy '{policy}' {limits}: {}. It is tried, and the service decides{less}",
                rule.why_unsure()
            )
        })
    };
    unknown.chain(rules.filter_map(one)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::observed::Found;

    const NOW: OffsetDateTime = time::macros::datetime!(2026-11-29 06:00 UTC);

    fn tenant(rules: &Value, own: Option<&Value>) -> Result<Observed, serde_json::Error> {
        let restrictions = |rules: &Value| json!({ "passwordCredentials": rules });
        let application =
            serde_json::from_value(json!({"id": "1", "appId": "2", "createdDateTime": "2026-11-01T00:00:00Z"}))?;
        let policy = json!({"id": "default", "isEnabled": true, "applicationRestrictions": restrictions(rules)});
        let own = own.map(|rules| json!({"id": "own", "isEnabled": true, "restrictions": restrictions(rules)}));
        Ok(Observed {
            application: Ok(Found::Ours(application)),
            policy: Ok(serde_json::from_value(policy)?),
            app_policies: Ok(own.map(serde_json::from_value).transpose()?.into_iter().collect()),
            ..Observed::unread()
        })
    }

    fn judged(observed: &Observed, lifetime: Lifetime) -> (Result<SecretEnd, Problem>, Vec<String>) {
        let wanted = Wanted { lifetime, ..Wanted::everything() };
        let end = allowed_end(&Situation { observed, wanted: &wanted, now: NOW });
        (end, doubts(observed, &wanted, NOW))
    }

    fn rule(kind: &str, more: &Value) -> Value {
        let mut rule = json!({"restrictionType": kind, "state": "enabled"});
        if let (Some(rule), Some(more)) = (rule.as_object_mut(), more.as_object()) {
            rule.extend(more.clone());
        }
        rule
    }

    #[test]
    fn a_rule_that_holds_for_everybody_forbids_and_one_that_may_not_is_a_doubt() -> Result<(), serde_json::Error> {
        let exempt = json!({"excludeActors": {"customSecurityAttributes": [{"id": "x"}]}});
        for (more, forbids, doubt) in [
            (json!({}), true, ""),
            (json!({"state": null}), true, ""),
            (json!({"excludeActors": null}), true, ""),
            (json!({"state": "disabled"}), false, ""),
            (exempt, false, "exempts some callers"),
            (json!({"state": "unknownFutureValue"}), false, "its state is 'unknownFutureValue'"),
            (json!({"restrictForAppsCreatedAfterDateTime": "2026-11-15T00:00:00"}), false, ""),
        ] {
            let (end, doubts) = judged(&tenant(&json!([rule(ADDITION, &more)]), None)?, Lifetime::Runbook);
            assert_eq!(matches!(end, Err(Problem::SecretsForbidden(_))), forbids, "{more}: {end:?}");
            assert!(if doubt.is_empty() || forbids {
                doubts.iter().all(|d| !d.contains("exempts"))
            } else {
                doubts[0].contains(doubt)
            });
        }
        Ok(())
    }

    #[test]
    fn a_cap_counts_by_whether_it_is_sure_and_by_whether_it_is_a_duration() -> Result<(), serde_json::Error> {
        let half_a_year = json!({"maxLifetime": "P180D"});
        let (end, _) = judged(&tenant(&json!([rule(LIFETIME, &half_a_year)]), None)?, Lifetime::Runbook);
        assert!(matches!(end, Err(Problem::LifetimeForbidden { ref allowed, .. }) if allowed == "180 days"), "{end:?}");

        let perhaps = json!({"maxLifetime": "P180D", "excludeActors": {}});
        let observed = tenant(&json!([rule(LIFETIME, &perhaps)]), None)?;
        let (end, doubts) = judged(&observed, Lifetime::Runbook);
        assert_eq!(end, Ok(SecretEnd::Runbook));
        assert!(doubts[0].contains("may limit client secrets to 180 days"), "{doubts:?}");
        assert!(
            matches!(judged(&observed, Lifetime::Longest).0, Ok(SecretEnd::After(life)) if life < Duration::days(180))
        );

        // .NET's longest.
        let endless = json!({"maxLifetime": "P10675199DT2H48M5.4775807S"});
        let (end, doubts) = judged(&tenant(&json!([rule(LIFETIME, &endless)]), None)?, Lifetime::Runbook);
        assert_eq!((end, doubts), (Ok(SecretEnd::Runbook), Vec::new()));

        let no_duration = json!({"maxLifetime": "half a year"});
        let (end, doubts) = judged(&tenant(&json!([rule(LIFETIME, &no_duration)]), None)?, Lifetime::Runbook);
        assert_eq!(end, Ok(SecretEnd::Runbook));
        assert!(doubts[0].contains("'half a year', which is no duration"), "{doubts:?}");
        Ok(())
    }

    #[test]
    fn a_policy_of_its_own_wins_where_it_has_a_rule_of_that_kind() -> Result<(), serde_json::Error> {
        let tenants = json!([rule(ADDITION, &json!({}))]);
        let exempted = json!([rule(ADDITION, &json!({"state": "disabled"}))]);
        let ended = judged(&tenant(&tenants, Some(&exempted))?, Lifetime::Runbook);
        assert_eq!(ended, (Ok(SecretEnd::Runbook), Vec::new()));
        let stricter = json!([rule(ADDITION, &json!({}))]);
        let (end, _) = judged(&tenant(&json!([]), Some(&stricter))?, Lifetime::Runbook);
        assert!(
            matches!(end, Err(Problem::SecretsForbidden(ref policy)) if policy.id == "own" && policy.own),
            "{end:?}"
        );
        Ok(())
    }

    #[test]
    fn where_a_policy_of_its_own_is_silent_the_tenants_rule_is_a_doubt_that_names_both() -> Result<(), serde_json::Error>
    {
        let cap = json!({"maxLifetime": "P180D"});
        let silent = json!([rule("asymmetricKeyLifetime", &json!({}))]);
        for (kind, more, words) in
            [(ADDITION, json!({}), "may forbid"), (LIFETIME, cap.clone(), "may limit client secrets to 180 days")]
        {
            let mut observed = tenant(&json!([rule(kind, &more)]), Some(&silent))?;
            for (is_enabled, own) in [(true, "'own' says nothing about that"), (false, "'own' is not enabled")] {
                observed.app_policies.iter_mut().flatten().for_each(|own| own.is_enabled = is_enabled);
                let (end, doubts) = judged(&observed, Lifetime::Runbook);
                assert_eq!(end, Ok(SecretEnd::Runbook), "{kind}");
                let said = doubts.len() == 1 && ["'default'", words, own].iter().all(|part| doubts[0].contains(part));
                assert!(said, "{doubts:?}");
            }
        }
        // The longest life that is surely allowed is one that both allow.
        let (end, doubts) = judged(&tenant(&json!([rule(LIFETIME, &cap)]), Some(&silent))?, Lifetime::Longest);
        assert!(
            matches!(end, Ok(SecretEnd::After(life)) if life < Duration::days(180)) && doubts.is_empty(),
            "{end:?}"
        );
        Ok(())
    }

    #[test]
    fn a_policy_that_cannot_be_shown_is_a_doubt_and_no_obstacle() -> Result<(), serde_json::Error> {
        let policy = Ok(crate::types::AppManagementPolicy::unknown("no licence".into()));
        let observed = Observed { policy, ..tenant(&json!([]), None)? };
        let (end, doubts) = judged(&observed, Lifetime::Runbook);
        assert_eq!(end, Ok(SecretEnd::Runbook));
        assert!(doubts[0].contains("no licence"), "{doubts:?}");
        Ok(())
    }
}
