//! The C header: written by cbindgen, and read back into what the other languages need of it.

use std::path::Path;

use anyhow::{Context as _, Result, bail};

/// Where the ABI is declared. What is exported from elsewhere is not in the header, which `--exports` finds.
const SOURCES: [&str; 3] = ["codes.rs", "buffer.rs", "mod.rs"];

/// The declarations of a header, in its order.
#[derive(Debug, Default)]
pub(crate) struct Header {
    /// `#define` constants.
    pub(crate) constants: Vec<Constant>,
    /// `typedef` names for other types.
    pub(crate) aliases: Vec<Field>,
    /// Structs.
    pub(crate) structs: Vec<Struct>,
    /// Functions.
    pub(crate) functions: Vec<Function>,
}

/// `#define NAME value`
#[derive(Debug)]
pub(crate) struct Constant {
    pub(crate) docs: Vec<String>,
    pub(crate) name: String,
    pub(crate) value: String,
}

/// A type and a name: of a parameter, of a field, or of an alias.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) docs: Vec<String>,
    /// The C type without spaces before its stars, as `const uint8_t*`.
    pub(crate) kind: String,
    pub(crate) name: String,
}

/// `typedef struct name { ... } name;`
#[derive(Debug)]
pub(crate) struct Struct {
    pub(crate) docs: Vec<String>,
    pub(crate) name: String,
    pub(crate) fields: Vec<Field>,
}

/// `type name(parameters);`
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) docs: Vec<String>,
    pub(crate) returns: String,
    pub(crate) name: String,
    pub(crate) parameters: Vec<Field>,
}

/// Has cbindgen write the header of the core.
pub(crate) fn generate(core: &Path) -> Result<String> {
    let settings = core.join("cbindgen.toml");
    let config = cbindgen::Config::from_file(&settings)
        .map_err(|error| anyhow::anyhow!("{} can't be read: {error}", settings.display()))?;
    let mut builder = cbindgen::Builder::new().with_config(config);
    for source in SOURCES {
        builder = builder.with_src(core.join("abi/src/ffi").join(source));
    }
    let bindings = builder.generate().context("cbindgen can't read rust-core/abi/src/ffi")?;
    let mut text = Vec::new();
    bindings.write(&mut text);
    Ok(String::from_utf8(text)?)
}

/// Reads a header that [`generate`] wrote. Anything that it doesn't know is an error, so that nothing is left out.
pub(crate) fn parse(text: &str) -> Result<Header> {
    let mut header = Header::default();
    let mut docs = Vec::new();
    let mut lines = text.lines().map(str::trim).filter(|line| !is_frame(line));
    while let Some(line) = lines.next() {
        if line.starts_with("/**") {
            docs = comment(line, &mut lines);
        } else if let Some(define) = line.strip_prefix("#define ") {
            header.constants.push(constant(define, std::mem::take(&mut docs))?);
        } else if line.starts_with("typedef struct ") {
            header.structs.push(structure(&mut lines, std::mem::take(&mut docs))?);
        } else if let Some(alias) = line.strip_prefix("typedef ") {
            header.aliases.push(field(alias.trim_end_matches(';'), std::mem::take(&mut docs))?);
        } else {
            let declaration = statement(line, &mut lines);
            header.functions.push(function(&declaration, std::mem::take(&mut docs))?);
        }
    }
    Ok(header)
}

/// What stands around the declarations: guards, includes, `extern "C"`.
fn is_frame(line: &str) -> bool {
    let starts = ["#include", "#if", "#endif", "/* ", "extern \"C\"", "}  //"];
    line.is_empty() || line == "#define PPFEDERATION_H" || starts.iter().any(|start| line.starts_with(start))
}

/// The lines of a comment, without its stars.
fn comment<'a>(first: &str, lines: &mut impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut docs = Vec::new();
    if first.ends_with("*/") {
        docs.push(first.trim_start_matches("/**").trim_end_matches("*/").trim().to_owned());
        return docs;
    }
    for line in lines.take_while(|line| *line != "*/") {
        docs.push(line.trim_start_matches('*').trim().to_owned());
    }
    docs
}

fn constant(define: &str, docs: Vec<String>) -> Result<Constant> {
    let (name, value) = define.split_once(' ').with_context(|| format!("no constant: #define {define}"))?;
    Ok(Constant { docs, name: name.to_owned(), value: value.trim().to_owned() })
}

fn structure<'a>(lines: &mut impl Iterator<Item = &'a str>, docs: Vec<String>) -> Result<Struct> {
    let (mut fields, mut field_docs) = (Vec::new(), Vec::new());
    while let Some(line) = lines.next() {
        if let Some(name) = line.strip_prefix('}') {
            let name = name.trim_end_matches(';').trim().to_owned();
            return Ok(Struct { docs, name, fields });
        }
        if line.starts_with("/**") {
            field_docs = comment(line, lines);
        } else {
            fields.push(field(line.trim_end_matches(';'), std::mem::take(&mut field_docs))?);
        }
    }
    bail!("a struct has no end")
}

/// A declaration that may go over several lines, up to its semicolon.
fn statement<'a>(first: &str, lines: &mut impl Iterator<Item = &'a str>) -> String {
    let mut all = first.to_owned();
    while !all.ends_with(';') {
        let Some(line) = lines.next() else { break };
        all.push(' ');
        all.push_str(line);
    }
    all
}

fn function(declaration: &str, docs: Vec<String>) -> Result<Function> {
    let unknown = || format!("not a function: {declaration}");
    let (head, rest) = declaration.split_once('(').with_context(unknown)?;
    let list = rest.strip_suffix(");").with_context(unknown)?;
    let Field { kind, name, .. } = field(head, Vec::new())?;
    let mut parameters = Vec::new();
    if list != "void" {
        for parameter in list.split(',') {
            parameters.push(field(parameter, Vec::new())?);
        }
    }
    Ok(Function { docs, returns: kind, name, parameters })
}

/// `const uint8_t *request` is the type `const uint8_t*` and the name `request`.
fn field(text: &str, docs: Vec<String>) -> Result<Field> {
    let text = text.trim();
    let is_name = |character: char| character.is_ascii_alphanumeric() || character == '_';
    let kind = text.trim_end_matches(is_name);
    let name = &text[kind.len()..];
    let kind = kind.replace("struct ", "").replace(" *", "*").trim().to_owned();
    if name.is_empty() || kind.is_empty() {
        bail!("not a type and a name: {text}");
    }
    Ok(Field { docs, kind, name: name.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_read_whole() -> Result<()> {
        let text = "#ifndef PPFEDERATION_H\n#define PPFEDERATION_H\n/**\n * One.\n */\n#define PP_A 1\n\
            typedef uint64_t pp_job;\ntypedef struct pp_buffer {\n  /**\n   * Data.\n   */\n  uint8_t *data;\n} pp_buffer;\n\
            /**\n * Does.\n */\nint32_t pp_f(const uint8_t *in,\n   struct pp_buffer *out);\nuint32_t pp_g(void);\n#endif\n";
        let header = parse(text)?;
        assert_eq!(header.constants[0].name, "PP_A");
        assert_eq!(header.constants[0].docs, ["One."]);
        assert_eq!(header.aliases[0].name, "pp_job");
        assert_eq!(header.structs[0].fields[0].kind, "uint8_t*");
        assert_eq!(header.functions[0].parameters[0].kind, "const uint8_t*");
        assert_eq!(header.functions[0].parameters[1].kind, "pp_buffer*");
        assert_eq!(header.functions[0].docs, ["Does."]);
        assert!(header.functions[1].parameters.is_empty());
        Ok(())
    }

    #[test]
    fn what_is_not_known_is_an_error() {
        assert!(parse("enum pp_kind { A };\n").is_err());
    }
}
