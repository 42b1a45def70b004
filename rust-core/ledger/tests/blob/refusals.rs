//! What the service refuses is told with what to do about it, and without the signature.

use std::collections::BTreeSet;

use pp_base::secret::SecretText;
use pp_ledger::blob::refusal::Kind;
use pp_ledger::blob::{BlobAccess, Terms, open_on};
use pp_ledger::error::LedgerError;
use pp_testing::TestResult;
use pp_testing::azurite::{Azurite, sas};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::support::{Moved, TENANT, begun, open, take, with_call};

/// What taking a tenant comes to, with everything that was said on the way.
fn told(address: &str, signature: &str) -> Result<(LedgerError, String), Box<dyn std::error::Error>> {
    let access = BlobAccess::Sas(SecretText::from_text(signature));
    let ledger = match open_on(address, access, "one", Moved::apart(Duration::ZERO), Terms::default()) {
        Ok(ledger) => ledger,
        Err(error) => return Ok((error.clone(), error.to_string())),
    };
    let said = parking_lot::Mutex::new(String::new());
    let (cancel, budget) = (pp_base::cancel::Cancel::never(), pp_base::retry::Budget::new(std::time::Duration::ZERO));
    let call = pp_base::call::Call { cancel: &cancel, budget: &budget, log: &|text| said.lock().push_str(text) };
    let error = ledger.take(TENANT, "Runbook", &call).err().ok_or("taken")?;
    let said = format!("{}{error}{error:?}{ledger:?}", said.lock());
    Ok((error, said))
}

#[test]
fn each_refusal_says_what_to_do_and_shows_no_signature() -> TestResult {
    let Some(azurite) = Azurite::shared()? else { return Ok(()) };
    let good = azurite.sas("racwl");
    let other = azurite.ledger("x").replace("/fleet/", "/nowhere/");
    let altered = good.replace("sig=", "sig=AAAA");
    for (address, signature, kind, words) in [
        (&other, &good, Kind::NoContainer, "az storage container create"),
        (&azurite.ledger("x"), &altered, Kind::Denied, "not whole"),
        (&azurite.ledger("x"), &azurite.sas("rl"), Kind::Denied, "racwl"),
    ] {
        let (error, said) = told(address, signature)?;
        let LedgerError::Refused(refusal) = &error else { return Err(format!("{words}: {error}").into()) };
        assert_eq!(refusal.kind(), kind, "{error}");
        assert!(error.to_string().contains(words), "{words}: {error}");
        let sig = signature.split("sig=").nth(1).ok_or("no signature")?;
        assert!(!said.contains(sig) && !said.contains("sig="), "{said}");
    }
    Ok(())
}

#[test]
fn lines_that_were_copied_as_another_kind_of_blob_say_how_to_copy_them() -> TestResult {
    let Some(azurite) = Azurite::shared()? else { return Ok(()) };
    let path = format!("fleet/copied/lines/{TENANT}/000000");
    let lines = "{\"schema\":\"ppfederation-ledger-1\",\"module\":\"0\",\"time\":\"2026-11-29T10:00:00Z\"}\n";
    azurite.send("PUT", &path, "", &[("x-ms-blob-type", "BlockBlob")], lines.into())?;
    let hold = take(&*open(azurite, "copied", "one")?, TENANT)?;
    let told = with_call(|call| hold.record(begun(), call)).err().ok_or("written")?.to_string();
    for words in ["InvalidBlobType", "copy of the container", "--blob-type AppendBlob"] {
        assert!(told.contains(words), "{words}: {told}");
    }
    assert!(!told.contains("premium"), "{told}");
    Ok(())
}

#[test]
fn a_signature_that_has_ended_is_told_as_that() -> TestResult {
    let Some(azurite) = Azurite::shared()? else { return Ok(()) };
    let ended = sas("racwl", OffsetDateTime::now_utc() - Duration::hours(1));
    let (error, said) = told(&azurite.ledger("x"), &ended)?;
    assert!(matches!(error, LedgerError::Access { .. }) && said.contains("has ended"), "{error}");
    Ok(())
}

#[test]
fn what_is_no_signature_is_refused_before_anything_is_sent() -> TestResult {
    for signature in
        ["", "nonsense", "sv=1&sig=", "https://acc.blob.core.windows.net/fleet?sv=1&sig=abc", "sv=1&sig=a b"]
    {
        let (error, said) = told("https://acc.blob.core.windows.net/fleet/x", signature)?;
        assert!(matches!(error, LedgerError::Access { .. }), "{signature}: {error}");
        assert!(signature.is_empty() || !said.contains(signature), "{said}");
    }
    Ok(())
}

#[test]
fn a_line_that_somebody_damaged_is_named() -> TestResult {
    let Some(azurite) = Azurite::shared()? else { return Ok(()) };
    let path = format!("fleet/damaged/lines/{TENANT}/000000");
    azurite.send("PUT", &path, "", &[("x-ms-blob-type", "AppendBlob")], Vec::new())?;
    let lines =
        "{\"schema\":\"ppfederation-ledger-1\",\"module\":\"0\",\"time\":\"2026-11-29T10:00:00Z\"}\nnonsense\n{}\n";
    azurite.send("PUT", &path, "comp=appendblock", &[], lines.into())?;
    let ledger = open(azurite, "damaged", "one")?;
    let other = Uuid::from_u128(TENANT.as_u128() + 1);
    let hold = take(&*ledger, other)?;
    with_call(|call| hold.record(begun(), call))?;
    let mut read = with_call(|call| ledger.read(None, call))?;
    let told = read.unreadable.remove(&TENANT);
    assert!(read.unreadable.is_empty() && read.states.len() == 1, "another's are read: {read:?}");
    let read = with_call(|call| ledger.read(Some(&BTreeSet::from([other])), call))?;
    assert_eq!((read.states.len(), read.unreadable.len()), (1, 0), "{read:?}");
    let taken = with_call(|call| ledger.take(TENANT, "Runbook", call));
    for error in [told, taken.err()] {
        let error = error.ok_or("taken")?;
        assert!(matches!(error, LedgerError::Damaged { line: 2, .. }), "{error}");
        assert!(error.to_string().contains(&path) && !error.to_string().contains("sig="), "{error}");
    }
    Ok(())
}
