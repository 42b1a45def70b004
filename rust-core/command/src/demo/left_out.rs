//! What there is of demonstration tenants in a library without them.

use std::convert::Infallible;

use super::{Demo, House};
use crate::Op;
use crate::output::Output;
use pp_report::catalogue as c;
use pp_report::error::OpError;

fn none() -> OpError {
    c::DEMO_FAILED.report("this library was built without the demo tenant").into()
}

impl Op for Demo {
    fn run(self: Box<Self>, _output: &Output) -> Result<(), OpError> {
        Err(none())
    }
}

pub(crate) fn belongs_to(_demo: Option<u64>, _connection: u64) {}

pub(crate) fn is_of(_connection: u64) -> bool {
    false
}

pub(crate) fn discard(_demo: Option<u64>) {}

pub(crate) fn stop_of(_connection: u64) -> bool {
    false
}

/// There is none.
pub(crate) struct Street(Infallible);

impl Street {
    pub(crate) fn start(_count: u64) -> Result<Self, OpError> {
        Err(none())
    }

    pub(crate) fn houses(&self) -> Result<Vec<House>, OpError> {
        match self.0 {}
    }

    pub(crate) fn vaults(&self) -> String {
        match self.0 {}
    }
}
