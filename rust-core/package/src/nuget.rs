//! A `NuGet` package: a ZIP file with the module's files, its metadata, and two parts that say what is what
//! (Open Packaging Conventions).

use std::collections::BTreeSet;
use std::fmt::Write as _;

use anyhow::Result;

use crate::zip::Entry;

/// The files of a package of these files, whose metadata is `<id>.nuspec`.
pub(crate) fn parts(id: &str, nuspec: Vec<u8>, files: &[Entry]) -> Result<Vec<Entry>> {
    let name = format!("{id}.nuspec");
    let mut parts = files.to_vec();
    parts.push(Entry { name: "_rels/.rels".to_owned(), data: relationships(&name).into_bytes() });
    parts.push(Entry { name, data: nuspec });
    let types = content_types(&parts)?;
    parts.push(Entry { name: "[Content_Types].xml".to_owned(), data: types.into_bytes() });
    Ok(parts)
}

/// Which part is the metadata.
fn relationships(nuspec: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
        <Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">\n  \
        <Relationship Type=\"http://schemas.microsoft.com/packaging/2010/07/manifest\" Target=\"/{nuspec}\" Id=\"R1\" />\n\
        </Relationships>\n"
    )
}

/// The type of each part, by its extension, or by its name where it has none.
fn content_types(parts: &[Entry]) -> Result<String> {
    let (mut extensions, mut others) = (BTreeSet::new(), BTreeSet::new());
    for Entry { name, .. } in parts {
        let file = name.rsplit('/').next().unwrap_or(name);
        match file.rsplit_once('.') {
            Some((_stem, extension)) => extensions.insert(extension),
            None => others.insert(name.as_str()),
        };
    }
    let mut text = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
        <Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\n"
        .to_owned();
    for extension in extensions {
        let kind = if extension == "rels" { "vnd.openxmlformats-package.relationships+xml" } else { "octet" };
        writeln!(text, "  <Default Extension=\"{extension}\" ContentType=\"application/{kind}\" />")?;
    }
    for name in others {
        writeln!(text, "  <Override PartName=\"/{name}\" ContentType=\"application/octet\" />")?;
    }
    text.push_str("</Types>\n");
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_has_a_type_and_the_metadata_is_named() -> Result<()> {
        let files = ["LICENSE", "bin/a.dll"].map(|name| Entry { name: name.to_owned(), data: Vec::new() });
        let parts = parts("A", b"<package/>".to_vec(), &files)?;
        let text = |name: &str| {
            let part = parts.iter().find(|part| part.name == name);
            part.map(|part| String::from_utf8_lossy(&part.data).into_owned()).unwrap_or_default()
        };
        assert_eq!(text("A.nuspec"), "<package/>");
        assert!(text("_rels/.rels").contains("Target=\"/A.nuspec\""));
        let types = text("[Content_Types].xml");
        for expected in ["Extension=\"dll\"", "Extension=\"nuspec\"", "Extension=\"rels\"", "PartName=\"/LICENSE\""] {
            assert!(types.contains(expected), "{expected} is not in {types}");
        }
        Ok(())
    }
}
