//! A way to the service on which answers are lost, and a service that is busy.

use std::error::Error;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use pp_base::call::Call;
use pp_base::cancel::Cancel;
use pp_base::clock::SystemClock;
use pp_base::retry::{Budget, DEFAULT_BUDGET};
use pp_base::secret::SecretText;
use pp_ledger::blob::{BlobAccess, Terms, open_on};
use pp_ledger::error::LedgerError;
use pp_ledger::state::State;
use pp_testing::TestResult;
use pp_testing::azurite::Azurite;
use uuid::Uuid;

use crate::support::{Moved, TENANT, begun, cancelled, done, open, take, with_call};

/// What becomes of a request, by its number from 1.
#[derive(Clone, Copy)]
enum Fault {
    /// It is carried out, and its answer is lost.
    AnswerLost,
    /// The service says that it is busy.
    Busy,
    /// It says that it gave up, after it has carried the request out.
    TimedOut,
    /// Nothing comes back until who asked gives up.
    Stalled,
}

const BUSY: &str =
    "HTTP/1.1 503 Server busy\r\nx-ms-error-code: ServerBusy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
const TIMED_OUT: &str =
    "HTTP/1.1 500 Timed out\r\nx-ms-error-code: OperationTimedOut\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

/// A way to a server, by a port of this machine; `fault` says what goes wrong with which request.
fn way_to(
    origin: &str,
    fault: impl Fn(usize) -> Option<Fault> + Send + Sync + 'static,
) -> Result<String, Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let (here, there) = (format!("http://{}", listener.local_addr()?), origin.trim_start_matches("http://").to_owned());
    thread::spawn(move || {
        let (fault, count) = (Arc::new(fault), Arc::new(AtomicUsize::new(0)));
        for stream in listener.incoming().flatten() {
            let (fault, count, there) = (Arc::clone(&fault), Arc::clone(&count), there.clone());
            thread::spawn(move || {
                let number = count.fetch_add(1, Ordering::SeqCst) + 1;
                // A connection that ends is what is wanted.
                let _ = pass_on(stream, &there, fault(number));
            });
        }
    });
    Ok(here)
}

fn pass_on(mut from: TcpStream, there: &str, fault: Option<Fault>) -> std::io::Result<()> {
    let request = whole(&mut from)?;
    match fault {
        Some(Fault::Busy) => return from.write_all(BUSY.as_bytes()),
        Some(Fault::Stalled) => return from.read(&mut [0]).map(drop),
        Some(Fault::AnswerLost | Fault::TimedOut) | None => {}
    }
    let mut to = TcpStream::connect(there)?;
    to.write_all(&request)?;
    let mut answer = Vec::new();
    to.read_to_end(&mut answer)?;
    match fault {
        Some(Fault::AnswerLost) => Ok(()),
        Some(Fault::TimedOut) => from.write_all(TIMED_OUT.as_bytes()),
        Some(Fault::Busy | Fault::Stalled) | None => from.write_all(&answer),
    }
}

/// One request, which asks for an answer that ends the connection.
fn whole(from: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        from.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    let text = String::from_utf8_lossy(&head).into_owned();
    let length = text.to_lowercase();
    let length = length.split_once("content-length: ").and_then(|(_, rest)| rest.lines().next()?.parse().ok());
    let mut body = vec![0; length.unwrap_or_default()];
    from.read_exact(&mut body)?;
    Ok([text.replacen("\r\n", "\r\nConnection: close\r\n", 1).as_bytes(), &body].concat())
}

#[test]
fn whatever_is_lost_on_the_way_each_line_is_there_once() -> TestResult {
    let Some(azurite) = Azurite::shared()? else { return Ok(()) };
    for (name, every, fault) in [
        ("lost-2", 2, Fault::AnswerLost),
        ("lost-3", 3, Fault::AnswerLost),
        ("timed-out-2", 2, Fault::TimedOut),
        ("timed-out-3", 3, Fault::TimedOut),
        ("busy-2", 2, Fault::Busy),
    ] {
        let way = way_to(azurite.origin(), move |number| number.is_multiple_of(every).then_some(fault))?;
        let address = azurite.ledger(name).replace(azurite.origin(), &way);
        let sas = BlobAccess::Sas(SecretText::take(azurite.sas("racwl")));
        let ledger = open_on(&address, sas, "one", Moved::apart(time::Duration::ZERO), Terms::default())?;
        let hold = take(&*ledger, TENANT)?;
        for _ in 0..5 {
            with_call(|call| hold.record(begun(), call))?;
        }
        with_call(|call| hold.record(done(), call))?;
        with_call(|call| hold.release(call));
        let states = with_call(|call| open(azurite, name, "two").map(|ledger| ledger.read(None, call)))??.states;
        assert_eq!((states[0].tries, states[0].state), (5, State::Done), "{name}");
    }
    Ok(())
}

/// The lease is looked for, made and taken, and the lines are read; their blob is made, and then the first line is written.
const FIRST_LINE: usize = 6;

#[test]
fn a_line_of_which_nobody_knows_whether_it_was_written_is_looked_for_before_the_next() -> TestResult {
    let Some(azurite) = Azurite::shared()? else { return Ok(()) };
    for (name, fault, tries) in [("unsure", Fault::AnswerLost, 2), ("unwritten", Fault::Busy, 1)] {
        let way = way_to(azurite.origin(), move |number| (number == FIRST_LINE).then_some(fault))?;
        let address = azurite.ledger(name).replace(azurite.origin(), &way);
        let sas = BlobAccess::Sas(SecretText::take(azurite.sas("racwl")));
        let ledger = open_on(&address, sas, "one", Arc::new(SystemClock::default()), Terms::default())?;
        let hold = take(&*ledger, TENANT)?;
        let (cancel, budget) = (Cancel::never(), Budget::new(Duration::ZERO));
        assert!(hold.record(begun(), &Call { cancel: &cancel, budget: &budget, log: &|_| () }).is_err(), "{name}");
        with_call(|call| {
            hold.record(begun(), call)?;
            hold.record(done(), call)
        })?;
        let states = with_call(|call| open(azurite, name, "two").map(|ledger| ledger.read(None, call)))??.states;
        assert_eq!((states[0].tries, states[0].state), (tries, State::Done), "{name}");
    }
    Ok(())
}

#[test]
fn a_service_that_is_busy_for_ever_is_told_as_that() -> TestResult {
    let Some(azurite) = Azurite::shared()? else { return Ok(()) };
    let way = way_to(azurite.origin(), |_| Some(Fault::Busy))?;
    let address = azurite.ledger("busy").replace(azurite.origin(), &way);
    let sas = BlobAccess::Sas(SecretText::take(azurite.sas("racwl")));
    let ledger = open_on(&address, sas, "one", Moved::apart(time::Duration::ZERO), Terms::default())?;
    let told = with_call(|call| ledger.read(None, call)).err().ok_or("read")?;
    assert!(matches!(&told, LedgerError::Refused(refusal) if refusal.code == "ServerBusy"), "{told}");
    Ok(())
}

#[test]
fn a_service_that_is_busy_for_a_while_is_waited_for_by_each_tenant_that_is_read() -> TestResult {
    let Some(azurite) = Azurite::shared()? else { return Ok(()) };
    let written = open(azurite, "busy-while", "one")?;
    for number in 1..=20 {
        let hold = take(&*written, Uuid::from_u128(TENANT.as_u128() + number))?;
        with_call(|call| hold.record(begun(), call))?;
        with_call(|call| hold.release(call));
    }
    // The list comes through. Eight tries of each of those that read at once wait for more than they had together.
    let way = way_to(azurite.origin(), |number| (2..=140).contains(&number).then_some(Fault::Busy))?;
    let address = azurite.ledger("busy-while").replace(azurite.origin(), &way);
    let sas = BlobAccess::Sas(SecretText::take(azurite.sas("rl")));
    let ledger = open_on(&address, sas, "two", Moved::apart(time::Duration::ZERO), Terms::default())?;
    let (cancel, budget) = (Cancel::never(), Budget::new(DEFAULT_BUDGET));
    let states = ledger.read(None, &Call { cancel: &cancel, budget: &budget, log: &|_| () })?.states;
    assert_eq!(states.len(), 20);
    Ok(())
}

#[test]
fn a_lease_that_cannot_be_renewed_runs_down_and_says_why() -> TestResult {
    let Some(azurite) = Azurite::shared()? else { return Ok(()) };
    // The lease is made, taken, and the lines read; then nothing comes through.
    let way = way_to(azurite.origin(), |number| (number > 4).then_some(Fault::Busy))?;
    let address = azurite.ledger("cut-off").replace(azurite.origin(), &way);
    let sas = BlobAccess::Sas(SecretText::take(azurite.sas("racwl")));
    let clock = Moved::apart(time::Duration::ZERO);
    let ledger = open_on(&address, sas, "one", clock.clone(), Terms::default())?;
    let hold = take(&*ledger, TENANT)?;
    clock.pass(Duration::from_secs(40));
    let mut told = hold.may_write(&cancelled());
    while matches!(&told, Err(LedgerError::Ending { why, .. }) if !why.contains("ServerBusy")) {
        thread::yield_now();
        told = hold.may_write(&cancelled());
    }
    assert!(matches!(&told, Err(LedgerError::Ending { .. })), "{told:?}");
    Ok(())
}

#[test]
fn a_renewal_that_gets_no_answer_keeps_nothing_from_being_written_for_good() -> TestResult {
    let Some(azurite) = Azurite::shared()? else { return Ok(()) };
    // The lease is made, taken, and the lines read; then it is renewed.
    let way = way_to(azurite.origin(), |number| (number == 5).then_some(Fault::Stalled))?;
    let address = azurite.ledger("stalled").replace(azurite.origin(), &way);
    let sas = BlobAccess::Sas(SecretText::take(azurite.sas("racwl")));
    let clock = Moved::apart(time::Duration::ZERO);
    let terms = Terms { lease: Duration::from_secs(15), margin: Duration::from_secs(14), blocks: 9 };
    let ledger = open_on(&address, sas, "one", clock.clone(), terms)?;
    let hold = take(&*ledger, TENANT)?;
    clock.pass(Duration::from_secs(2));
    Ok(hold.may_write(&Cancel::never())?)
}

#[test]
fn what_goes_by_before_a_lease_is_got_takes_nothing_of_it() -> TestResult {
    let Some(azurite) = Azurite::shared()? else { return Ok(()) };
    let clock = Moved::renewing_nothing(time::Duration::ZERO);
    let passing = Arc::clone(&clock);
    let busy = move || {
        passing.pass(Duration::from_secs(50));
        Fault::Busy
    };
    // The lease is looked for and made; then it is taken at the second try.
    let way = way_to(azurite.origin(), move |number| (number == 3).then(&busy))?;
    let address = azurite.ledger("late").replace(azurite.origin(), &way);
    let sas = BlobAccess::Sas(SecretText::take(azurite.sas("racwl")));
    let ledger = open_on(&address, sas, "one", clock, Terms::default())?;
    let hold = take(&*ledger, TENANT)?;
    Ok(hold.may_write(&cancelled())?)
}
