//! What lines come to, for whatever a worker may write: by a second, simpler account of it.

use std::time::Duration;

use pp_base::call::Call;
use pp_base::cancel::Cancel;
use pp_base::retry::Budget;
use pp_ledger::line::{Choices, ErrorMark, Event};
use pp_ledger::state::{State, TenantState};
use pp_ledger::{Opened, Taken, file};
use proptest::collection::vec;
use proptest::prelude::*;
use time::OffsetDateTime;
use uuid::Uuid;

/// A word of a worker's; a number says which secret.
#[derive(Debug, Clone, Copy)]
enum Word {
    Begun,
    Asked(u8),
    Made(u8),
    Placed(u8),
    Unclaimed(u8),
    Removed(u8),
    Done,
    Failed,
    Stopped,
}

fn words() -> impl Strategy<Value = Vec<(bool, Word)>> {
    let secret = 0..4_u8;
    let word = prop_oneof![
        Just(Word::Begun),
        secret.clone().prop_map(Word::Asked),
        secret.clone().prop_map(Word::Made),
        secret.clone().prop_map(Word::Placed),
        secret.clone().prop_map(Word::Unclaimed),
        secret.prop_map(Word::Removed),
        Just(Word::Done),
        Just(Word::Failed),
        Just(Word::Stopped),
    ];
    vec((any::<bool>(), word), 0..30)
}

fn start(secret: u8) -> OffsetDateTime {
    OffsetDateTime::UNIX_EPOCH + time::Duration::microseconds(1_000_000_001 + i64::from(secret))
}

fn key(secret: u8) -> Uuid {
    Uuid::from_u128(u128::from(secret) + 1)
}

fn event(word: Word) -> Event {
    match word {
        Word::Begun => {
            Event::Begun { tenant_name: Some("\u{202e}Contoso\n\"AG\"".into()), choices: Choices::default() }
        }
        Word::Asked(secret) => Event::SecretAsked { start: start(secret), app_id: Uuid::from_u128(99) },
        Word::Made(secret) => {
            Event::SecretMade { start: start(secret), key_id: key(secret), app_id: Uuid::from_u128(99) }
        }
        Word::Placed(secret) => Event::SecretPlaced { key_id: key(secret), place: "there".into() },
        Word::Unclaimed(secret) => Event::SecretUnclaimed { key_id: key(secret) },
        Word::Removed(secret) => Event::SecretRemoved { start: start(secret), key_id: None },
        Word::Done => Event::Done { summary: "all".into() },
        Word::Failed => {
            Event::Failed { error: ErrorMark { id: "PPFederation.X".into(), message: "no".into(), passes: false } }
        }
        Word::Stopped => Event::Stopped { why: "out of time".into() },
    }
}

/// The lines of one tenant that were taken.
#[derive(Default)]
struct Account(Vec<Word>);

impl Account {
    /// Whether the word can follow.
    fn takes(&self, word: Word) -> bool {
        let asked = |secret: u8| self.0.iter().any(|word| matches!(word, Word::Asked(other) if *other == secret));
        let made = |secret: u8| self.0.iter().any(|word| matches!(word, Word::Made(other) if *other == secret));
        match word {
            Word::Made(secret) | Word::Removed(secret) => asked(secret),
            Word::Placed(secret) | Word::Unclaimed(secret) => made(secret),
            Word::Begun | Word::Asked(_) | Word::Done | Word::Failed | Word::Stopped => true,
        }
    }

    fn state(&self) -> State {
        let last = self.0.iter().rev().find_map(|word| match word {
            Word::Begun => Some(State::Begun),
            Word::Done => Some(State::Done),
            Word::Failed => Some(State::Failed),
            Word::Stopped => Some(State::Open),
            Word::Asked(_) | Word::Made(_) | Word::Placed(_) | Word::Unclaimed(_) | Word::Removed(_) => None,
        });
        last.unwrap_or(State::Open)
    }

    fn tries(&self) -> usize {
        self.0.iter().filter(|word| matches!(word, Word::Begun)).count()
    }

    fn asked(&self) -> usize {
        self.0.iter().filter(|word| matches!(word, Word::Asked(_))).count()
    }

    /// Secrets whose last request has come to no end.
    fn at_large(&self, secret: u8) -> bool {
        let Some(at) = self.0.iter().rposition(|word| matches!(word, Word::Asked(other) if *other == secret)) else {
            return false;
        };
        let made = self.0[at..].iter().position(|word| matches!(word, Word::Made(other) if *other == secret));
        let settled = |word: &Word| matches!(word, Word::Placed(other) | Word::Unclaimed(other) if *other == secret);
        let settled = made.is_some_and(|made| self.0[at + made..].iter().any(settled));
        let removed = self.0[at..].iter().any(|word| matches!(word, Word::Removed(other) if *other == secret));
        !settled && !removed
    }
}

fn agree(state: &TenantState, account: &Account) -> Result<(), TestCaseError> {
    prop_assert_eq!(state.state, account.state());
    prop_assert_eq!(state.tries as usize, account.tries());
    prop_assert_eq!(state.secrets.len(), account.asked());
    prop_assert_eq!(state.error.is_some(), state.state == State::Failed);
    for secret in 0..4 {
        let orphan = state.secrets.iter().rev().find(|mark| mark.start == start(secret));
        let orphan = orphan.is_some_and(|mark| state.orphans().any(|other| other == mark));
        prop_assert_eq!(orphan, account.at_large(secret), "secret {}", secret);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn what_is_read_back_is_what_was_taken(words in words()) {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("ledger");
        let (cancel, budget) = (Cancel::never(), Budget::new(Duration::ZERO));
        let call = Call { cancel: &cancel, budget: &budget, log: &|_| () };
        let (tenants, mut accounts) = ([Uuid::from_u128(1), Uuid::from_u128(2)], [Account::default(), Account::default()]);
        let Opened { ledger, .. } = file::open(&path, "one").map_err(|error| TestCaseError::fail(error.to_string()))?;
        for (second, word) in words {
            let place = usize::from(second);
            let taken = ledger.take(tenants[place], "Runbook", &call);
            let Ok(Taken::Held(hold)) = taken else { return Err(TestCaseError::fail("not held")) };
            agree(hold.state(), &accounts[place])?;
            let takes = accounts[place].takes(word);
            prop_assert_eq!(hold.record(event(word), &call).is_ok(), takes);
            if takes {
                accounts[place].0.push(word);
            }
        }
        let read = file::read(&path).map_err(|error| TestCaseError::fail(error.to_string()))?.states;
        prop_assert_eq!(ledger.read(None, &call).ok().map(|contents| contents.states), Some(read.clone()));
        for (tenant, account) in tenants.iter().zip(&accounts).filter(|(_, account)| !account.0.is_empty()) {
            let state = read.iter().find(|state| state.tenant == *tenant);
            agree(state.ok_or_else(|| TestCaseError::fail("no such tenant"))?, account)?;
        }
    }
}
