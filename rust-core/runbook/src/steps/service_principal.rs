//! Step 2: the application's service principal, which holds the permissions and the role.

use crate::change::ChangeKind;
use crate::observed::LookUp;
use crate::problem::Problem;
use crate::sign_in_needs::{APPLICATION, CLOUD_APPLICATION, GLOBAL};
use crate::step::{Assessment, Impact, Situation, Step, StepName};
use crate::steps::{WITH_THE_APPLICATION, known};

/// The step.
pub const STEP: Step = Step {
    name: StepName::ServicePrincipal,
    action: || "Create the application's service principal, or enable it".into(),
    impact: Impact::Medium,
    reads: &[LookUp::Application, LookUp::ServicePrincipal],
    needs: &[&["Application.ReadWrite.All", "Application.ReadWrite.OwnedBy", "Directory.ReadWrite.All"]],
    roles: &[GLOBAL, APPLICATION, CLOUD_APPLICATION],
    assess,
};

#[expect(clippy::unnecessary_wraps, reason = "every step's assess has this shape")]
fn assess(situation: &Situation<'_>) -> Result<Assessment, Problem> {
    let observed = situation.observed;
    if let Err(unknown) = known(&observed.application) {
        return Ok(unknown);
    }
    if observed.app(situation.wanted.adopt).is_none() {
        let detail = format!("it {WITH_THE_APPLICATION}");
        return Ok(Assessment::to_do(detail, vec![ChangeKind::CreateServicePrincipal.of(StepName::ServicePrincipal)]));
    }
    Ok(match known(&observed.service_principal) {
        Err(unknown) => unknown,
        Ok(None) => {
            Assessment::to_do("there is none", vec![ChangeKind::CreateServicePrincipal.of(StepName::ServicePrincipal)])
        }
        Ok(Some(principal)) if principal.account_enabled == Some(false) => {
            let change = ChangeKind::SetServicePrincipalEnabled { id: principal.id.clone(), enabled: true };
            Assessment::to_do(
                format!("{} is disabled: nobody can sign in as it", principal.id),
                vec![change.of(StepName::ServicePrincipal)],
            )
        }
        Ok(Some(principal)) => match principal.deactivation.words() {
            Some(why) => Assessment::to_do(format!("service principal {}: {why}", principal.id), Vec::new()),
            None => Assessment::done(format!("service principal {}", principal.id)),
        },
    })
}
