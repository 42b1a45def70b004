//! Buffers that belong to the caller until they are freed.

use std::collections::HashMap;
use std::sync::LazyLock;

use parking_lot::Mutex;
use zeroize::Zeroize;

use pp_command::event::Payload;

/// Bytes that the library made and the caller owns. Freed once with `pp_buffer_free`; never with the caller's own allocator.
#[repr(C)]
#[derive(Debug)]
pub struct PpBuffer {
    /// The first byte, null if there are none.
    pub data: *mut u8,
    /// How many bytes there are.
    pub len: usize,
}

/// The buffers that callers own, by address: a second free, or one of bytes that are not ours, finds nothing to free.
static LIVE: LazyLock<Mutex<HashMap<usize, Payload>>> = LazyLock::new(Mutex::default);

impl PpBuffer {
    /// A buffer without bytes, which need not be freed.
    pub(crate) const EMPTY: Self = Self { data: std::ptr::null_mut(), len: 0 };

    /// Hands bytes to the caller.
    pub(crate) fn hand_out(mut payload: Payload) -> Self {
        let bytes = payload.as_mut_slice();
        if bytes.is_empty() {
            return Self::EMPTY;
        }
        // Moving the payload into the table moves its owner, not the bytes.
        let (data, len) = (bytes.as_mut_ptr(), bytes.len());
        LIVE.lock().insert(data.addr(), payload);
        Self { data, len }
    }

    /// Takes the bytes back and zeroes them: any of them may have been a secret.
    pub(crate) fn take_back(&mut self) {
        let taken = LIVE.lock().remove(&self.data.addr());
        *self = Self::EMPTY;
        if let Some(mut payload) = taken {
            payload.as_mut_slice().zeroize();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copied_buffer_can_be_freed_twice_and_a_strange_one_is_left_alone() {
        let mut buffer = PpBuffer::hand_out(Payload::Plain(b"bytes".to_vec()));
        let mut copy = PpBuffer { data: buffer.data, len: buffer.len };
        buffer.take_back();
        assert!(buffer.data.is_null());
        copy.take_back();
        let mut own = [1_u8, 2];
        let mut strange = PpBuffer { data: own.as_mut_ptr(), len: 2 };
        strange.take_back();
        assert_eq!(own, [1, 2]);
    }

    #[test]
    fn no_bytes_are_a_null_buffer() {
        let buffer = PpBuffer::hand_out(Payload::Plain(Vec::new()));
        assert!(buffer.data.is_null());
        assert_eq!(buffer.len, 0);
    }
}
