//! Who holds a tenant, and for how long.

use std::time::Duration;

use pp_base::cancel::Cancel;
use pp_ledger::blob::Terms;
use pp_ledger::error::LedgerError;
use pp_testing::TestResult;
use pp_testing::azurite::Azurite;

use crate::support::{Moved, TENANT, begun, cancelled, done, is_taken, open, opened, take, with_call};

#[test]
fn a_tenant_has_one_holder_until_it_is_let_go_of() -> TestResult {
    let Some(azurite) = Azurite::shared()? else { return Ok(()) };
    let (first, second) = (open(azurite, "one", "first")?, open(azurite, "one", "second")?);
    let hold = take(&*first, TENANT)?;
    assert!(is_taken(&*second, TENANT)? && is_taken(&*first, TENANT)?);
    with_call(|call| hold.release(call));
    assert!(!is_taken(&*second, TENANT)?);
    Ok(())
}

#[test]
fn nothing_is_begun_that_could_outlast_the_lease() -> TestResult {
    let Some(azurite) = Azurite::shared()? else { return Ok(()) };
    let sleeps: [fn(&Moved, Duration); 2] = [Moved::pass, Moved::sleep];
    for goes_by in sleeps {
        let clock = Moved::renewing_nothing(time::Duration::hours(-7));
        let ledger = opened(azurite, "short", "first", clock.clone(), Terms::default())?;
        let hold = take(&*ledger, TENANT)?;
        hold.may_write(&Cancel::never())?;
        goes_by(&clock, Duration::from_secs(31));
        assert!(matches!(hold.may_write(&cancelled()), Err(LedgerError::Ending { left: 20..=29, .. })));
        with_call(|call| hold.record(begun(), call))?;
        goes_by(&clock, Duration::from_secs(30));
        assert!(matches!(hold.may_write(&Cancel::never()), Err(LedgerError::Ending { left: 0, .. })));
        let told = with_call(|call| hold.record(done(), call));
        assert!(matches!(told, Err(LedgerError::Lost { .. })), "{told:?}");
        with_call(|call| hold.release(call));
    }
    Ok(())
}

#[test]
fn whoever_lost_a_tenant_to_another_writes_nothing_more() -> TestResult {
    let Some(azurite) = Azurite::shared()? else { return Ok(()) };
    let (first, second) = (open(azurite, "lost", "first")?, open(azurite, "lost", "second")?);
    let hold = take(&*first, TENANT)?;
    with_call(|call| hold.record(begun(), call))?;
    azurite.break_lease("lost", &TENANT.to_string())?;
    let other = take(&*second, TENANT)?;
    with_call(|call| other.record(begun(), call))?;
    let told = with_call(|call| hold.record(done(), call));
    assert!(matches!(told, Err(LedgerError::Lost { .. })), "{told:?}");
    assert!(matches!(hold.may_write(&Cancel::never()), Err(LedgerError::Lost { .. })));
    with_call(|call| other.record(done(), call))?;
    assert_eq!(with_call(|call| second.read(None, call))?.states[0].worker.as_deref(), Some("second"));
    Ok(())
}

#[test]
fn a_lease_is_renewed_while_it_is_held_and_a_write_waits_for_that() -> TestResult {
    let Some(azurite) = Azurite::shared()? else { return Ok(()) };
    let clock = Moved::apart(time::Duration::ZERO);
    let terms = Terms { lease: Duration::from_secs(15), margin: Duration::from_secs(14), blocks: 9 };
    let ledger = opened(azurite, "renewed", "first", clock.clone(), terms)?;
    let hold = take(&*ledger, TENANT)?;
    clock.pass(Duration::from_secs(2));
    Ok(hold.may_write(&Cancel::never())?)
}
