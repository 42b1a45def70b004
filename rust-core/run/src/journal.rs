//! What is written down of the secrets that a run makes, so that whoever goes on after a crash finds one that nobody has.

use pp_base::gate::Gate;
use time::OffsetDateTime;

/// Takes note of a secret's way, durably: what it returned for is still there after a crash. It also allows the writes.
pub trait Journal: Gate {
    /// A secret of the application with this (client) id is about to be asked for with exactly this start. The error says why it
    /// can't be written down: it must not be asked for then.
    fn asking(&self, start: OffsetDateTime, app_id: &str) -> Result<(), String>;

    /// It was made.
    fn made(&self, start: OffsetDateTime, key_id: &str, app_id: &str) -> Result<(), String>;

    /// It lies where it is used, at this place.
    fn placed(&self, key_id: &str, place: &str) -> Result<(), String>;

    /// It was not put in place, and its text was left with the session that made it: nobody else knows whether it is in use.
    fn unclaimed(&self, key_id: &str) -> Result<(), String>;

    /// It was taken back.
    fn removed(&self, key_id: &str) -> Result<(), String>;

    /// Of the one that was asked for with this start the answer was lost: it was taken back, or was never made where there is
    /// no id.
    fn lost(&self, start: OffsetDateTime, key_id: Option<&str>) -> Result<(), String>;
}
