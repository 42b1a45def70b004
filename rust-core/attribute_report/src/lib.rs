//! What a comparison of attributes found, as a file for people: one page without network, a CSV, JSON. Whatever a name holds,
//! it shows as text.
#![forbid(unsafe_code)]

mod draft;
mod files;
mod page;
mod row;
mod summary;
mod text;

pub use draft::Draft;
pub use files::COLUMNS;
pub use row::ReportRow;
pub use text::visible;

/// What a report is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One page, for a browser.
    Html,
    /// For a spreadsheet.
    Csv,
    /// For a program.
    Json,
}

impl Format {
    /// By its name, or by the ending of a file's name, in any case.
    pub fn of(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "html" | "htm" => Some(Self::Html),
            "csv" => Some(Self::Csv),
            "json" => Some(Self::Json),
            _ => None,
        }
    }
}
