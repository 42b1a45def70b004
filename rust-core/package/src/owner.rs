//! Which crate a symbol of a library is of.
//!
//! A generic function is of the crate that defines it, whoever asked for it: `alloc::vec::Vec<T>::push` is of the standard
//! library with any T. A method of a trait, `<T as Trait>::f`, is of T's crate, or of the trait's where T is of the standard
//! library or a parameter; what drops a T is of T's crate. What names no crate is of its object file: an unnamed constant of
//! the crate that the compiler made that file of, C and assembly of ring, which alone has any. What is inlined counts for the
//! function that it is inlined into.

/// What the crates of the standard library, and those that only it brings into this library, are counted as.
const STANDARD: &str = "std";

/// These crates. Of one that both bring (hashbrown, memchr) a name doesn't tell whose copy it is: it counts by itself.
const PARTS: [&str; 12] = [
    "std",
    "core",
    "alloc",
    "__rustc",
    "addr2line",
    "compiler_builtins",
    "gimli",
    "object",
    "panic_unwind",
    "rustc_demangle",
    "std_detect",
    "unwind",
];

/// The crate of a symbol that only its library sees. `file` is the object file that it is of, as the symbol table says:
/// `hyper.60723d39132b85ce-cgu.3` from Rust, `limbs.c` from C; assembly names none, and comes after the C beside it.
pub(crate) fn of(symbol: &str, file: &str) -> String {
    let named = rustc_demangle::try_demangle(symbol).ok().and_then(|name| in_name(&format!("{name:#}")));
    named.unwrap_or_else(|| if file.contains("-cgu.") { whole(first(file)) } else { "ring".to_owned() })
}

/// The crate that a demangled name says.
fn in_name(name: &str) -> Option<String> {
    let name = name.strip_prefix("core::ptr::drop_in_place<").unwrap_or(name);
    if let Some(inner) = name.strip_prefix('<')
        && let Some((of_type, of_trait)) = inner.split_once(" as ")
    {
        let own = at_start(of_type).filter(|own| own != STANDARD);
        return own.or_else(|| at_start(of_trait));
    }
    at_start(name)
}

/// The crate of the path with which a type begins, whatever points to it. A lone name is a parameter or a primitive type.
fn at_start(text: &str) -> Option<String> {
    let path = text.trim_start_matches(['<', '&', '*', '(', '[']);
    let path = ["dyn ", "mut ", "const "].iter().find_map(|word| path.strip_prefix(word)).unwrap_or(path);
    let name = first(path);
    path[name.len()..].starts_with("::").then(|| whole(name))
}

fn first(path: &str) -> &str {
    path.split(|character: char| !character.is_alphanumeric() && character != '_').next().unwrap_or_default()
}

fn whole(name: &str) -> String {
    if PARTS.contains(&name) { STANDARD.to_owned() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_the_crate_that_defines() {
        for (name, owner) in [
            ("reqwest::connect::Connector::connect::{{closure}}", "reqwest"),
            ("alloc::vec::Vec<reqwest::Body>::push", "std"),
            ("<h2::frame::Data as core::fmt::Debug>::fmt", "h2"),
            ("<alloc::vec::Vec<T> as der::Encode>::encode", "der"),
            ("<&mut T as tokio::io::AsyncRead>::poll_read", "tokio"),
            ("<&rustls::Error as core::fmt::Display>::fmt", "rustls"),
            ("<dyn url::Host>::parse", "url"),
            ("<reqwest::Client>::new", "reqwest"),
            ("core::ptr::drop_in_place<h2::Frame>", "h2"),
            ("core::ptr::drop_in_place<alloc::vec::Vec<h2::Frame>>", "std"),
            ("gimli::read::line::parse", "std"),
            ("__rustc::__rust_alloc", "std"),
        ] {
            assert_eq!(in_name(name).as_deref(), Some(owner), "{name}");
        }
        assert_eq!(in_name("memcpy"), None);
    }

    #[test]
    fn both_manglings_are_read_as_the_link_leaves_them() {
        let file = "other.0123456789abcdef-cgu.0";
        assert_eq!(of("_ZN10serde_json2de5POW1017heb3eebfc8bce1bd6E.llvm.9296990294282565613", file), "serde_json");
        assert_eq!(of("_RNvNtNtNtCsgEmfK2I1SDS_4core3num7dec2flt5table17POWER_OF_FIVE_128", file), "std");
    }

    #[test]
    fn what_names_no_crate_is_of_its_object_file() {
        let constant = "anon.7802b802d10a8a344c26eed4f1a66c1e.15.llvm.7256514400153384577";
        assert_eq!(of(constant, "icu_normalizer.4cc5be6d6ea41cc-cgu.0"), "icu_normalizer");
        assert_eq!(of("__udivti3", "compiler_builtins.d0a4d5e4b2a1f3c6-cgu.12"), "std");
        assert_eq!(of("fiat_25519_carry_mul", "curve25519.c"), "ring");
    }
}
