//! What a job has to say.

use pp_base::locked_memory::LockedBytes;

/// One event on its way to the caller.
#[derive(Debug)]
pub struct Event {
    /// What happened.
    pub kind: Kind,
    /// What comes with it, in the form that the kind has.
    pub payload: Payload,
}

/// What can happen in a job; the forms of the payloads are with the `PP_EVENT_...` constants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// How far the job is.
    Progress,
    /// A line for the verbose stream.
    Verbose,
    /// A line for the warning stream.
    Warning,
    /// A line for the information stream.
    Information,
    /// Objects for the pipeline.
    Objects,
    /// A numbered secret, to which a later object refers.
    Secret,
    /// Something went wrong in the world.
    Error,
    /// The job has ended.
    Done,
    /// The job was cancelled.
    Cancelled,
    /// A line for the debug stream.
    Debug,
}

/// The bytes of an event.
pub enum Payload {
    /// Bytes that may be seen.
    Plain(Vec<u8>),
    /// Bytes with a secret in them: locked, and zeroed when dropped.
    Secret(SecretBytes),
}

/// The bytes of a SECRET event.
pub struct SecretBytes(LockedBytes);

impl SecretBytes {
    /// The number as a little-endian u32, then the text.
    pub(crate) fn numbered(number: u32, text: &str) -> Self {
        Self(LockedBytes::concat(&[&number.to_le_bytes(), text.as_bytes()]))
    }
}

impl Payload {
    /// How many bytes there are.
    pub fn len(&self) -> usize {
        match self {
            Self::Plain(bytes) => bytes.len(),
            Self::Secret(SecretBytes(bytes)) => bytes.as_slice().len(),
        }
    }

    /// Whether there are no bytes.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes, to be handed out.
    pub fn as_mut_slice(&mut self) -> &mut [u8] {
        match self {
            Self::Plain(bytes) => bytes,
            Self::Secret(SecretBytes(bytes)) => bytes.as_mut_slice(),
        }
    }
}

impl std::fmt::Debug for Payload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Payload({} bytes)", self.len())
    }
}
