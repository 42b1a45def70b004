//! What the header and the C# file declare, in one spelling, so that the two can be compared line by line.

/// The C# word for each word of C that the header uses in a type; a word that is not here stays and so differs.
const WORDS: [(&str, &str); 8] = [
    ("const", ""),
    ("struct", ""),
    ("uint8_t", "byte"),
    ("int32_t", "int"),
    ("uint32_t", "uint"),
    ("uint64_t", "ulong"),
    ("size_t", "UIntPtr"),
    ("pp_job", "ulong"),
];

/// The functions, constants and fields of a C header that cbindgen wrote.
pub(crate) fn of_header(text: &str) -> Vec<String> {
    let text = without_comments(text);
    let lines = text.lines().map(|line| line.split_once("//").map_or(line, |(code, _)| code));
    let (directives, rest): (Vec<&str>, Vec<&str>) = lines.partition(|line| line.starts_with('#'));
    let defines = directives.iter().filter_map(|line| line.strip_prefix("#define ")?.split_once(' '));
    let constants = defines.map(|(name, value)| format!("{name}={}", value.trim()));
    let rest = rest.join(" ");
    let pieces = rest.split([';', '{', '}']).map(str::trim).filter(|piece| piece.contains(' '));
    let pieces = pieces.filter(|piece| !piece.starts_with("typedef") && !piece.starts_with("extern"));
    in_order(constants.chain(pieces.map(|piece| spelled(piece, &WORDS).replace("(void)", "()"))))
}

/// The same of the C# file: what is `internal` and ends with a semicolon.
pub(crate) fn of_csharp(text: &str) -> Vec<String> {
    let lines = text.lines().filter_map(|line| line.trim().strip_prefix("internal ")?.strip_suffix(';'));
    let bare = lines.map(|line| line.trim_start_matches("static extern ").trim_start_matches("const int "));
    in_order(bare.map(|line| spelled(&line.replace('@', ""), &[])))
}

/// Constants, fields, functions: each kind in the order of its file, since fields have a layout.
fn in_order(declarations: impl Iterator<Item = String>) -> Vec<String> {
    let mut declarations: Vec<String> = declarations.collect();
    declarations.sort_by_key(|line| (line.contains('('), !line.contains('=')));
    declarations
}

/// The name of a function among the declarations; `None` for anything else.
pub(crate) fn function(declaration: &str) -> Option<&str> {
    let (head, _) = declaration.split_once('(')?;
    head.rsplit([' ', '*']).next()
}

fn without_comments(text: &str) -> String {
    let mut parts = text.split("/*");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |kept, part| kept + part.split_once("*/").map_or("", |(_, behind)| behind))
}

/// The words and signs of a declaration with no more space than they need.
fn spelled(text: &str, words: &[(&str, &str)]) -> String {
    let mut line = String::new();
    for part in text.split_inclusive(|letter: char| !is_of_word(letter)) {
        let (word, sign) = part.split_at(part.trim_end_matches(|letter| !is_of_word(letter)).len());
        let word = words.iter().find(|(known, _)| *known == word).map_or(word, |(_, other)| other);
        if !word.is_empty() && line.ends_with(is_of_word) {
            line.push(' ');
        }
        line.push_str(word);
        line.push_str(sign.trim());
    }
    line
}

fn is_of_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "#ifndef PP_H\n#define PP_H\n/**\n * One.\n */\n#define PP_A 1\ntypedef uint64_t pp_job;\n\
        typedef struct pp_buffer {\n  /**\n   * Data.\n   */\n  uint8_t *data;\n  size_t len;\n} pp_buffer;\n\
        #ifdef __cplusplus\nextern \"C\" {\n#endif  // __cplusplus\n\
        int32_t pp_f(const uint8_t *in,\n   struct pp_buffer *out);\npp_job pp_g(void);\n#ifdef __cplusplus\n}  // extern \"C\"\n#endif\n";
    const CSHARP: &str = "internal unsafe struct pp_buffer\n{\n internal byte* data;\n internal UIntPtr len;\n}\n\
        internal const int PP_A = 1;\n private const string Library = \"x\";\n[DllImport(Library)]\n\
        internal static extern int pp_f(byte* @in, pp_buffer* @out);\ninternal static extern ulong pp_g();\n";

    #[test]
    fn both_languages_come_to_one_spelling() {
        let one = ["PP_A=1", "byte*data", "UIntPtr len", "int pp_f(byte*in,pp_buffer*out)", "ulong pp_g()"];
        assert_eq!(of_header(HEADER), one);
        assert_eq!(of_csharp(CSHARP), one);
        let functions: Vec<&str> = one.into_iter().filter_map(function).collect();
        assert_eq!(functions, ["pp_f", "pp_g"]);
    }

    #[test]
    fn a_change_of_either_side_differs() {
        for (from, to) in [
            ("uint8_t *data;", "size_t data;"),
            ("uint8_t *data;\n  size_t len;", "size_t len;\n  uint8_t *data;"),
            ("const uint8_t *in", "const uint8_t **in"),
            ("pp_g(void)", "pp_g(int32_t more)"),
            ("pp_job pp_g", "uint32_t pp_g"),
            ("PP_A 1", "PP_A 2"),
            ("PP_A 1\n", "PP_A 1\n#define PP_B 2\n"),
            ("pp_g(void);", "pp_g(void);\ndouble pp_h(void);"),
        ] {
            let changed = HEADER.replace(from, to);
            assert_ne!(changed, HEADER, "{from}");
            assert_ne!(of_header(&changed), of_csharp(CSHARP), "{from}");
        }
    }
}
