//! Files of plans: what `Invoke-PPRunbook -Plan` does with them before a tenant is read.

use pp_runbook::kept_plan::KeptPlan;

/// A file is taken only if it is to the letter what its own facts and choices give.
pub(crate) fn kept_plan(data: &[u8]) {
    let Ok(plan) = KeptPlan::parse(data) else { return };
    if plan.check(data).is_ok() {
        let again = plan.to_json().unwrap_or_default();
        assert_eq!(again.as_bytes(), data, "taken, and not what Get-PPPlan writes");
        assert!(plan.changes.iter().all(|change| plan.steps().contains(&change.step)));
    }
}
