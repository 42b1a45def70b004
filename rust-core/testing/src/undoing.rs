//! A plan that was carried out, and its undoing.

use std::error::Error;

use pp_run::apply::RunError;
use pp_run::observe::observe;
use pp_run::take_back::{Answers, Ended, Look, Looking, take_back};
use pp_runbook::kept_plan::{KeptPlan, Origin};
use pp_runbook::observed::AppIds;
use pp_runbook::take_back::READS;
use pp_runbook::undo_plan::plan;
use pp_runbook::wanted::Wanted;

use crate::Tenant;

/// The plan of what is wanted, carried out.
pub fn carried_out(tenant: &Tenant, wanted: &Wanted) -> Result<KeptPlan, Box<dyn Error>> {
    let observed = tenant.observe(wanted)?;
    let origin = Origin {
        tenant_id: tenant.twin.tenant_id().to_owned(),
        tenant_name: None,
        module: String::new(),
        time: tenant.connection.now(),
    };
    let kept = KeptPlan::of(origin, wanted, &observed)?;
    tenant.apply(wanted)?;
    tenant.twin.clear_requests();
    Ok(kept)
}

/// Takes back what still is as that plan has made it.
pub fn undo(tenant: &Tenant, kept: &KeptPlan, wanted: &Wanted) -> Result<Ended, RunError> {
    tenant.with(|graph, voice| {
        let look: Looking<'_> = &|known| {
            let observed = observe(&graph, READS, wanted, known)?;
            let application = observed.app(wanted.adopt).map(AppIds::of);
            Ok(Look { items: plan(kept, &observed, wanted, graph.now())?, application })
        };
        take_back(graph, voice, Answers::ALL, look)
    })
}
