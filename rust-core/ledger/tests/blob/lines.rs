//! What is written is there for the next worker, in its order.

use pp_base::cancel::Cancel;
use pp_ledger::blob::Terms;
use pp_ledger::error::LedgerError;
use pp_ledger::state::State;
use pp_testing::TestResult;
use pp_testing::azurite::Azurite;
use uuid::Uuid;

use crate::support::{Moved, TENANT, asked, begun, done, open, opened, take, with_call};

#[test]
fn what_a_worker_writes_is_there_for_the_next() -> TestResult {
    let Some(azurite) = Azurite::shared()? else { return Ok(()) };
    let first = open(azurite, "spring", "first")?;
    assert!(with_call(|call| first.read(None, call))?.states.is_empty());
    let hold = take(&*first, TENANT)?;
    assert_eq!((hold.state().state, hold.state().tries), (State::Open, 0));
    hold.may_write(&Cancel::never())?;
    with_call(|call| {
        hold.record(begun(), call)?;
        hold.record(asked(), call)
    })?;
    with_call(|call| hold.release(call));
    let second = open(azurite, "spring", "second")?;
    let hold = take(&*second, TENANT)?;
    let state = hold.state().clone();
    assert_eq!((state.state, state.tries, state.worker.as_deref()), (State::Begun, 1, Some("first")));
    assert_eq!(state.orphans().count(), 1);
    with_call(|call| {
        hold.record(begun(), call)?;
        hold.record(done(), call)
    })?;
    let states = with_call(|call| second.read(None, call))?.states;
    assert_eq!(states.len(), 1);
    assert_eq!((states[0].state, states[0].tries), (State::Done, 2));
    assert!(with_call(|call| open(azurite, "summer", "first").map(|other| other.read(None, call)))??.states.is_empty());
    Ok(())
}

#[test]
fn a_blob_that_is_full_is_followed_by_another() -> TestResult {
    let Some(azurite) = Azurite::shared()? else { return Ok(()) };
    let terms = Terms { blocks: 3, ..Terms::default() };
    for round in 1..=5 {
        let ledger = opened(azurite, "full", "one", Moved::apart(time::Duration::ZERO), terms)?;
        let hold = take(&*ledger, TENANT)?;
        assert_eq!(hold.state().tries, round - 1);
        with_call(|call| {
            hold.record(begun(), call)?;
            hold.record(done(), call)
        })?;
        with_call(|call| hold.release(call));
        assert_eq!(with_call(|call| ledger.read(None, call))?.states[0].tries, round);
    }
    let last = azurite.send("GET", &format!("fleet/full/lines/{TENANT}/000003"), "", &[], Vec::new())?;
    assert!(last.status == 200 && last.body.starts_with(b"{\"schema\":"));
    Ok(())
}

#[test]
fn lines_that_have_gone_under_their_holder_are_told_as_that() -> TestResult {
    let Some(azurite) = Azurite::shared()? else { return Ok(()) };
    let ledger = open(azurite, "gone", "one")?;
    for (number, empty) in [(1, false), (2, true)] {
        let tenant = Uuid::from_u128(TENANT.as_u128() + number);
        let hold = take(&*ledger, tenant)?;
        with_call(|call| {
            hold.record(begun(), call)?;
            hold.record(asked(), call)
        })?;
        let path = format!("fleet/gone/lines/{tenant}/000000");
        assert_eq!(azurite.send("DELETE", &path, "", &[], Vec::new())?.status, 202);
        if empty {
            azurite.send("PUT", &path, "", &[("x-ms-blob-type", "AppendBlob")], Vec::new())?;
        }
        let told = with_call(|call| hold.record(done(), call));
        assert!(matches!(&told, Err(LedgerError::Lost { why, .. }) if why.contains("failed over")), "{told:?}");
        assert!(hold.may_write(&Cancel::never()).is_err(), "nothing more is begun in the tenant");
    }
    Ok(())
}

#[test]
fn many_tenants_are_read_whole() -> TestResult {
    let Some(azurite) = Azurite::shared()? else { return Ok(()) };
    let ledger = open(azurite, "many", "one")?;
    let tenants: Vec<Uuid> = (1..=40).map(|number| Uuid::from_u128(TENANT.as_u128() + number)).collect();
    for tenant in &tenants {
        let hold = take(&*ledger, *tenant)?;
        with_call(|call| hold.record(begun(), call))?;
        with_call(|call| hold.release(call));
    }
    let read: Vec<Uuid> =
        with_call(|call| ledger.read(None, call))?.states.into_iter().map(|state| state.tenant).collect();
    assert_eq!(read, tenants);
    Ok(())
}
