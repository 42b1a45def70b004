//! What is held of many users, packed: numbers of seven bits a byte, texts behind their lengths, and an account so.

use crate::account::Account;

/// Seven bits a byte, the lowest first; the highest bit says that there come more.
pub(crate) fn number(into: &mut Vec<u8>, mut value: u64) {
    loop {
        let [low, ..] = value.to_le_bytes();
        value >>= 7;
        if value == 0 {
            return into.push(low);
        }
        into.push(low | 0x80);
    }
}

/// The number that stands at the beginning; the bytes behind it are left. None where there is none.
pub(crate) fn taken(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7F) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

/// A text behind its length.
pub(crate) fn text(into: &mut Vec<u8>, text: &str) {
    number(into, text.len() as u64);
    into.extend_from_slice(text.as_bytes());
}

/// The text that stands at the beginning; the bytes behind it are left. None where there is none.
pub(crate) fn taken_text<'a>(bytes: &mut &'a [u8]) -> Option<&'a str> {
    std::str::from_utf8(taken_bytes(bytes)?).ok()
}

/// The same, not looked at.
pub(crate) fn taken_bytes<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = usize::try_from(taken(bytes)?).ok()?;
    let (text, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(text)
}

/// An account: which of its values there are, a bit each, and those.
pub(crate) fn account(into: &mut Vec<u8>, account: &Account<&str>) {
    let texts = [
        &account.user_principal_name,
        &account.mail,
        &account.display_name,
        &account.usage_location,
        &account.on_premises_immutable_id,
        &account.user_type,
    ];
    let switches = [account.on_premises_sync_enabled, account.account_enabled];
    let there = texts.iter().map(|text| text.is_some());
    let bits = there.chain(switches.iter().flat_map(|switch| [switch.is_some(), *switch == Some(true)]));
    number(into, bits.enumerate().fold(0, |bits, (place, is)| bits | u64::from(is) << place));
    self::text(into, account.id);
    texts.into_iter().flatten().for_each(|one| self::text(into, one));
    number(into, account.proxy_addresses.len() as u64);
    account.proxy_addresses.iter().for_each(|address| self::text(into, address));
}

/// The account that these bytes are; none where they are something else.
pub(crate) fn taken_account(mut bytes: &[u8]) -> Option<Account<&str>> {
    let bytes = &mut bytes;
    let bits = taken(bytes)?;
    let is = |place: u32| bits >> place & 1 == 1;
    let id = taken_text(bytes)?;
    let mut next = |place| if is(place) { taken_text(bytes).map(Some) } else { Some(None) };
    let mut account = Account {
        id,
        user_principal_name: next(0)?,
        mail: next(1)?,
        display_name: next(2)?,
        usage_location: next(3)?,
        on_premises_immutable_id: next(4)?,
        user_type: next(5)?,
        on_premises_sync_enabled: is(6).then(|| is(7)),
        account_enabled: is(8).then(|| is(9)),
        proxy_addresses: Vec::new(),
    };
    for _ in 0..taken(bytes)? {
        account.proxy_addresses.push(taken_text(bytes)?);
    }
    Some(account)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn an_account_is_read_as_it_was_written(
            id in any::<String>(), texts in any::<[Option<String>; 6]>(), addresses in any::<Vec<String>>(),
            switches in any::<[Option<bool>; 2]>(), cut in any::<usize>(),
        ) {
            let [user_principal_name, mail, display_name, usage_location, on_premises_immutable_id, user_type] = texts;
            let [on_premises_sync_enabled, account_enabled] = switches;
            let written = Account {
                id, user_principal_name, mail, display_name, usage_location, on_premises_immutable_id, user_type,
                on_premises_sync_enabled, account_enabled, proxy_addresses: addresses,
            };
            let mut bytes = Vec::new();
            account(&mut bytes, &written.borrowed());
            prop_assert_eq!(taken_account(&bytes), Some(written.borrowed()));
            prop_assert_eq!(taken_account(&bytes[..cut % bytes.len()]), None);
        }
    }
}
