//! Order hints: between which neighbours something is to stand, and the place that comes of it.

use super::bad;
use crate::error::Refusal;

/// The characters of a place. Those of hints, the blank and the exclamation mark, are none of them.
const LOWEST: u8 = b'"';
const HIGHEST: u8 = b'~';

/// What an order hint comes to: a text that sorts between the neighbours that the hint names. A neighbour may be a hint itself,
/// of which the client hasn't read yet what became.
pub(super) fn place(hint: &str) -> Result<String, Refusal> {
    let wrong = |why: &str| {
        bad(format!(
            "The request is invalid: Specified order hint is in an invalid format: The input ({hint}) {why}."
        ))
    };
    if !hint.contains([' ', '!']) {
        return Err(wrong("does not contain spaces or exclamation points"));
    }
    if !hint.bytes().all(|byte| (b' '..=HIGHEST).contains(&byte)) {
        return Err(wrong("contains characters that are not printable ASCII"));
    }
    resolve(hint).ok_or_else(|| wrong("does not name a previous and a next item in their order"))
}

/// Reads `previous next!`, where either may be such a hint. Each exclamation mark ends the hint of the last two neighbours.
fn resolve(hint: &str) -> Option<String> {
    let mut open = vec![String::new()];
    // After a hint within, nothing but a blank or an exclamation mark can follow.
    let mut is_resolved = false;
    for char in hint.chars() {
        match char {
            ' ' => open.push(String::new()),
            '!' => {
                let (next, previous) = (open.pop()?, open.pop()?);
                // Nothing lies between a text and itself with the lowest character behind it.
                let lowest_trimmed = next.trim_end_matches(char::from(LOWEST));
                if !next.is_empty() && previous.as_str() >= lowest_trimmed {
                    return None;
                }
                let next = lowest_trimmed;
                open.push(between(previous.as_bytes(), next.as_bytes()));
            }
            _ if is_resolved => return None,
            char => open.last_mut()?.push(char),
        }
        is_resolved = char == '!';
    }
    let place = open.pop()?;
    (is_resolved && open.is_empty()).then_some(place)
}

/// A text after `previous` and before `next`; empty stands for the beginning and the end.
pub(super) fn between(previous: &[u8], next: &[u8]) -> String {
    let mut text = String::new();
    let mut next = Some(next).filter(|next| !next.is_empty());
    for index in 0.. {
        let low = previous.get(index).copied().unwrap_or(LOWEST);
        let high = next.map_or(HIGHEST, |next| next.get(index).copied().unwrap_or(HIGHEST));
        if high > low + 1 {
            text.push(char::from(low + (high - low) / 2));
            break;
        }
        text.push(char::from(low));
        if high > low {
            // Already before `next`, whatever follows.
            next = None;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn hints_come_to_places_in_their_order() {
        let first = place(" !").unwrap();
        let last = place(&format!("{first} !")).unwrap();
        let top = place(&format!(" {first}!")).unwrap();
        let mut places = vec![top.clone(), first.clone(), last];
        for _ in 0..30 {
            let middle = place(&format!("{} {}!", places[0], places[1])).unwrap();
            places.insert(1, middle);
        }
        assert!(places.is_sorted(), "{places:?}");
        for wrong in ["!", "a b c!", " !x", "a b!c d!", "a b! ", &format!("{first} {top}!"), "ä !"] {
            assert!(place(wrong).is_err(), "{wrong}");
        }
        for lowest in ["a a\"!", "a\" a\"\"!", " \"!"] {
            assert!(place(lowest).is_err(), "{lowest}: there is nothing between");
        }
        assert!(place("a b\"!").unwrap().as_str() < "b");
        for read in ["", &first, "9223370550899070129\","] {
            let refusal = place(read).unwrap_err();
            assert!(refusal.message.contains("does not contain spaces or exclamation points"), "{read}");
        }
    }

    #[test]
    fn a_neighbour_may_be_a_hint_itself() {
        let first = place(" !").unwrap();
        let before = place("  !!").unwrap();
        let after = place(" ! !").unwrap();
        assert!(before < first && first < after, "{before} {first} {after}");
        let between = place(&format!("  !! {first}!")).unwrap();
        assert!(before < between && between < first, "{before} {between} {first}");
        let both = place("  !!  !!").unwrap();
        assert!(before < both && both < first, "{before} {both} {first}");
        let deep = place("   !!!").unwrap();
        assert!(deep < before, "{deep} {before}");
        for wrong in ["  !!  !!!", "  !!  !", " !  !!!"] {
            assert!(place(wrong).is_err(), "{wrong}");
        }
    }
}
