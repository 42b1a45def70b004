//! The portal's users from files: every shape and encoding that an export has comes to the same users, and what is wrong with a file is
//! said with its place.
#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use std::io::BufReader;

use pp_attributes::pairing::Builder;
use pp_attributes::portal_user::{CANONICALIZE_NAME, IMMUTABLE_ID, MAIL, PortalUser, USERNAME};
use pp_attributes::portal_users::{Mapping, Overrides, Pair, Pairs, PortalUsers, ReadError};

fn overrides(pairs: &[(&str, &str)]) -> Overrides {
    pairs.iter().map(|(attribute, header)| ((*attribute).to_owned(), (*header).to_owned())).collect()
}

/// An object's names and texts.
fn pairs(pairs: &[(&str, &str)]) -> Vec<Pair> {
    let pair = |(name, text): &(&str, &str)| Pair { name: (*name).to_owned(), text: (*text).to_owned(), other: None };
    pairs.iter().map(pair).collect()
}

fn read_with(bytes: &[u8], overrides: &Overrides) -> Result<Vec<PortalUser>, ReadError> {
    // Three bytes at a time: nothing may hang on how a file comes in.
    PortalUsers::open(BufReader::with_capacity(3, bytes), overrides)?.collect()
}

fn read(bytes: impl AsRef<[u8]>) -> Result<Vec<PortalUser>, ReadError> {
    read_with(bytes.as_ref(), &Overrides::new())
}

fn refusal(bytes: impl AsRef<[u8]>) -> String {
    match read(bytes) {
        Ok(users) => format!("read: {users:?}"),
        Err(error) => error.to_string(),
    }
}

/// Name, mail and display name of each user.
fn table(users: &[PortalUser]) -> Vec<(u64, &str, &str, &str)> {
    let text =
        |user: &'_ PortalUser, name: &str| user.attributes.get(name).map_or("", |text| text).to_owned().leak() as &str;
    users.iter().map(|user| (user.place, text(user, USERNAME), text(user, MAIL), text(user, "DisplayName"))).collect()
}

const CSV: &str =
    "Username,E-Mail,Display Name\nann@contoso.com,ann@contoso.com,\"Ann, A\u{e9}\"\nbob@contoso.com,,Bob \u{1F600}\n";
const USERS: [(u64, &str, &str, &str); 2] =
    [(2, "ann@contoso.com", "ann@contoso.com", "Ann, A\u{e9}"), (3, "bob@contoso.com", "", "Bob \u{1F600}")];

fn utf16(text: &str, big: bool) -> Vec<u8> {
    let bytes = |unit: u16| if big { unit.to_be_bytes() } else { unit.to_le_bytes() };
    std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(bytes).collect()
}

#[test]
fn a_table_reads_alike_in_every_encoding_and_with_every_delimiter() {
    let with_mark = [b"\xEF\xBB\xBF", CSV.as_bytes()].concat();
    let semicolons = CSV
        .replace(",E-Mail,", ";E-Mail;")
        .replace("com,ann", "com;ann")
        .replace(",\"Ann", ";\"Ann")
        .replace("com,,", "com;;");
    let tabs = semicolons.replace(';', "\t");
    let windows = CSV.replace('\n', "\r\n");
    let files =
        [CSV.into(), with_mark, utf16(CSV, false), utf16(CSV, true), semicolons.into(), tabs.into(), windows.into()];
    for (at, file) in files.iter().enumerate() {
        assert_eq!(table(&read(file).unwrap()), USERS, "file {at}");
    }
}

#[test]
fn what_windows_powershell_and_excel_write_before_the_header_is_no_user() {
    let typed = format!("#TYPE System.Management.Automation.PSCustomObject\r\n{CSV}");
    assert_eq!(table(&read(typed).unwrap()).iter().map(|user| user.0).collect::<Vec<_>>(), [3, 4]);
    assert_eq!(table(&read("sep=|\nUsername|Mail\na@b|c,d;e\n").unwrap()), [(3, "a@b", "c,d;e", "")]);
}

#[test]
fn json_reads_alike_as_a_list_as_lines_and_as_the_portals_answer() {
    let ann = r#"{"Username":"ann@contoso.com","Email":"ann@contoso.com","DisplayName":"Ann, A\u00e9","Groups":["{"]}"#;
    let bob = r#"{"Username":"bob@contoso.com","Email":null,"DisplayName":"Bob 😀"}"#;
    let answer = format!(
        r#"{{"success":true,"Result":{{"Columns":[{{"Name":"ID"}}],"Results":[{{"Entities":[],"Row":{ann}}},
        {{"Row":{bob}}}],"FullCount":2}},"Message":null}}"#
    );
    let short = format!(r#"{{"Results":[{{"Row":{ann}}},{{"Row":{bob}}}]}}"#);
    let files =
        [format!("[{ann},\n{bob}]\n"), format!("{ann}\n{bob}\n"), answer, short, format!(" \n[ {ann} , {bob} ] ")];
    for file in files {
        let places: Vec<_> = USERS.iter().map(|user| (user.0 - 1, user.1, user.2, user.3)).collect();
        assert_eq!(table(&read(&file).unwrap()), places, "{file}");
        assert_eq!(table(&read(utf16(&file, false)).unwrap()), places);
    }
}

#[test]
fn a_file_that_was_cut_or_holds_something_else_is_never_a_shorter_list() {
    let list = r#"[{"Username":"a@b"},{"Username":"c@d"}]"#;
    for end in 1..list.len() {
        assert!(read(&list[..end]).is_err(), "{}", &list[..end]);
    }
    let answer = r#"{"Result":{"Results":[{"Row":{"Username":"a@b"}}],"More":1}}"#;
    for end in 1..answer.len() {
        assert!(read(&answer[..end]).is_err(), "{}", &answer[..end]);
    }
    assert!(refusal("[{\"Username\":\"a@b\"} {\"Username\":\"c@d\"}]").contains("a comma"));
    assert!(refusal("[{\"Username\":\"a@b\"}] x").contains("behind the end of the list"));
    assert!(refusal("[1]").contains("line 1, column 2"));
    assert_eq!(refusal("[\n {\"Username\": tru}\n]"), "line 2, column 18: expected ident");
    assert!(refusal("").contains("empty") && refusal(" \n").contains("empty"));
    assert!(refusal("[]").contains("no user") && refusal("Username\n").contains("no user"));
    assert!(refusal(b"PK\x03\x04\x00\x00").contains("Excel workbook"));
    assert!(refusal(b"\xFF\xFEU\x00s\x00e").contains("ends within a letter"));
    assert!(refusal(b"\xFF\xFE\x00\xD8a\x00").contains("half of a letter"));
}

#[test]
fn a_page_of_an_answer_is_no_list_of_all_users() {
    let answer = |before: &str, rows: &str, behind: &str| {
        refusal(format!(r#"{{"success":true,"Result":{{{before}"Results":[{rows}]{behind}}},"Message":null}}"#))
    };
    let two = r#"{"Row":{"Username":"a@b"}},{"Row":{"Username":"c@d"}}"#;
    let page = "the answer has 2 of 2000 users: export all of them";
    assert_eq!(answer("", two, r#","FullCount":2000"#), page);
    assert_eq!(answer("", two, r#","FullCount": 2000 ,"ReturnID":"""#), page);
    assert_eq!(answer(r#""FullCount":2000,"Columns":[{"Name":"FullCount","Type":12}],"#, two, ""), page);
    assert_eq!(answer("", two, r#","FullCount":"2000""#), page);
    assert_eq!(answer("", "", r#","FullCount":2000"#), page.replace("2 of", "0 of"));
    assert_eq!(refusal(format!(r#"{{"Results":[{two}],"FullCount":2000}}"#)), page);
    // As many as there are, a count that says nothing, and what is called so elsewhere.
    let row = r#"{"Row":{"Username":"a@b","FullCount":5}}"#;
    for (before, behind) in [
        ("", r#","FullCount":1"#),
        (r#""FullCount":1,"#, ""),
        ("", r#","FullCount":"1""#),
        ("", r#","FullCount":null"#),
        ("", r#","FullCount":"many""#),
        (r#""FullCount":{},"#, ""),
        ("", r#","Columns":[{"FullCount":7}]"#),
    ] {
        assert!(answer(before, row, behind).starts_with("read: "), "{before}{behind}: {}", answer(before, row, behind));
    }
}

#[test]
fn what_has_no_value_is_no_user_and_the_others_keep_their_places() {
    let [ann, bob] = [(2, "ann@contoso.com", "", ""), (4, "bob@contoso.com", "", "")];
    for blank in [",,", " ,\t,\u{a0}", ",", "\"\",\"\n\","] {
        let file = format!("Username,Mail,Notes\nann@contoso.com,,\n{blank}\nbob@contoso.com,,\n{blank}\n");
        let bob = (bob.0 + blank.matches('\n').count() as u64, bob.1, bob.2, bob.3);
        assert_eq!(table(&read(&file).unwrap()), [ann, bob], "{file}");
        let mut index = Builder::default();
        PortalUsers::open(file.as_bytes(), &Overrides::new()).unwrap().fill(&mut index).unwrap();
        assert_eq!(index.finish().len(), 2, "{file}");
    }
    let objects = ["{}", r#"{"Username":"a@b"}"#, r#"{"Username":" ","Groups":["x"]}"#, "{}", r#"{"Team":"Tax"}"#];
    for file in [format!("[{}]", objects.join(",")), objects.join("\n")] {
        let users = read(&file).unwrap();
        assert_eq!(users.iter().map(|user| user.place).collect::<Vec<_>>(), [2, 5], "{file}");
    }
    for nobody in ["Username,Mail\n,\n,\n", r#"[{"Username":""},{}]"#, "{}"] {
        assert!(refusal(nobody).contains("no user"), "{}", refusal(nobody));
    }
}

#[test]
fn what_is_wrong_with_a_table_is_said_with_its_line() {
    assert_eq!(
        refusal("Username,Mail\na@b,c@d\n\ne@f\n").split(':').next(),
        Some("line 4 has 1 cells and the header 2")
    );
    assert!(refusal(b"Username,Mail\na@b,J\xFCrgen\n").starts_with("line 2, column 2: these bytes are not UTF-8"));
    assert!(refusal("Username,Notes\na@b,\"lost\nc@d,found\n").contains("quotes don't come in pairs"));
    assert!(
        refusal("Username,Mail\n\"a@b\nc@d\",\"x\"\n").starts_with("line 2: the cell of 'Username' has a line break")
    );
    let endless = format!("Username,Notes\na@b,\"{}", "x\n".repeat(700_000));
    assert!(refusal(endless).starts_with("the user that begins on line 2 is longer"));
}

#[test]
fn columns_are_known_by_any_spelling_and_by_what_the_caller_says() {
    for header in ["userPrincipalName", "USER_PRINCIPAL_NAME", "Upn", "login name", "Username"] {
        assert_eq!(
            table(&read(format!("{header},x\nann@contoso.com,1\n")).unwrap())[0].1,
            "ann@contoso.com",
            "{header}"
        );
    }
    let given = overrides(&[("canonicalizename", "Login"), ("Mail", "login"), ("Dept", "Department")]);
    let users = read_with(b"Login,Department\n ann@contoso.com ,Tax\n", &given).unwrap();
    let attributes: Vec<(&str, &str)> =
        users[0].attributes.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let expected = [
        (CANONICALIZE_NAME, " ann@contoso.com "),
        ("Department", "Tax"),
        ("Dept", "Tax"),
        ("Login", " ann@contoso.com "),
        (MAIL, "ann@contoso.com"),
        (USERNAME, "ann@contoso.com"),
    ];
    assert_eq!(attributes, expected);
}

#[test]
fn the_blanks_around_an_immutable_id_stay() {
    let users = read("Username,Immutable ID\n a@b , x \n").unwrap();
    let text = |name: &str| users[0].attributes.get(name).map(String::as_str);
    assert_eq!((text(USERNAME), text(IMMUTABLE_ID)), (Some("a@b"), Some(" x ")));
}

#[test]
fn a_column_is_never_chosen_from_several_and_never_missing_in_silence() {
    let two = refusal("Username,UPN\na,b\n");
    assert!(two.contains("'Username' and 'UPN' could both be Username"), "{two}");
    assert!(read_with(b"Username,UPN\na@b,c@d\n", &overrides(&[("Username", "upn")])).is_ok());
    let same = refusal("Mail,Name,MAIL\na,b,c\n");
    assert_eq!(same, "the columns 1 and 3 are both called 'MAIL': give each column a name of its own");
    let none = refusal("Name,ID\na,b\n");
    assert!(none.contains("no column says who a user is") && none.contains("'Name', 'ID'"), "{none}");
    let typo = read_with(b"Username\na@b\n", &overrides(&[("Mail", "E-mial")])).unwrap_err().to_string();
    assert_eq!(typo, "there is no column 'E-mial', which was given for Mail; there are: 'Username'");
    let twice = refusal(r#"[{"Mail":"a@b","Mail":"c@d"}]"#);
    assert!(twice.starts_with("user 1: the columns 1 and 2 are both called 'Mail'"), "{twice}");
}

#[test]
fn objects_of_a_pipeline_are_users_and_later_ones_may_leave_properties_out() {
    let mut objects = Pairs::new(overrides(&[("CanonicalizeName", "Login")]));
    assert!(objects.user(1, &pairs(&[("Username", "a@b")])).unwrap_err().to_string().contains("no column 'Login'"));
    let mut objects = Pairs::new(overrides(&[("CanonicalizeName", "Login")]));
    let first = objects.user(1, &pairs(&[("Username", "a@b"), ("Login", "a")])).unwrap();
    assert_eq!(first.attributes.get(CANONICALIZE_NAME).map(String::as_str), Some("a"));
    let second = objects.user(2, &pairs(&[("Username", "c@d")])).unwrap();
    assert_eq!((second.place, second.attributes.len()), (2, 1));
}

#[test]
fn what_is_not_one_text_is_refused_where_one_is_needed_and_there_alone() {
    let needed =
        |value: &str| refusal(format!(r#"[{{"Username":"a@b"}},{{"Username":"c@d","Immutable ID":{value}}}]"#));
    let refused = |kind: &str| {
        format!("user 2: 'Immutable ID' is {kind}, and one text is needed. Give that; of bytes, their base64")
    };
    for (value, kind) in [(r#"["abc=="]"#, "a list"), ("[1,2]", "a list"), (r#"{"Value":"abc=="}"#, "an object")] {
        assert_eq!(needed(value), refused(kind), "{value}");
        let row = format!(r#"{{"Result":{{"Results":[{{"Row":{{"Username":"a@b","Mail":{value}}}}}]}}}}"#);
        assert_eq!(refusal(row), refused(kind).replace("user 2: 'Immutable ID'", "user 1: 'Mail'"), "{value}");
        let elsewhere = format!(r#"{{"Username":"a@b","Teams":{value}}}"#);
        assert_eq!(table(&read(&elsewhere).unwrap()), [(1, "a@b", "", "")], "{value}");
        let given = read_with(elsewhere.as_bytes(), &overrides(&[("Team", "Teams")])).unwrap_err().to_string();
        assert_eq!(given, refused(kind).replace("user 2: 'Immutable ID'", "user 1: 'Teams'"), "{value}");
    }
    for value in ["null", "[]", "{}", "\"\"", "7", "true"] {
        assert!(needed(value).starts_with("read: "), "{value}: {}", needed(value));
    }
    let bytes = Pair { other: Some("System.Byte[]".to_owned()), ..pairs(&[("SourceAnchor", "16 1 2")]).swap_remove(0) };
    let refused = Pairs::new(Overrides::new()).user(7, &[bytes]).unwrap_err().to_string();
    assert!(refused.starts_with("user 7: 'SourceAnchor' is System.Byte[]"), "{refused}");
}

#[test]
fn a_list_of_objects_has_the_columns_that_any_of_them_has() {
    let columns = |mapping: &Mapping| -> Vec<(String, String)> {
        mapping.columns.iter().map(|column| (column.attribute.clone(), mapping.headers[column.at].clone())).collect()
    };
    let ann = r#"{"Username":"a@b","Team":"Tax"}"#;
    let bob = r#"{"Immutable ID":"x","Username":"c@d"}"#;
    for file in [format!("[{ann},{bob}]"), format!("[{bob},{ann}]"), format!("{ann}\n{bob}\n{ann}")] {
        let users = PortalUsers::open(file.as_bytes(), &Overrides::new()).unwrap();
        let mapping = users.fill(&mut Builder::default()).unwrap();
        let mut found = columns(&mapping);
        found.sort();
        assert_eq!(found, overrides(&[("ImmutableId", "Immutable ID"), ("Username", "Username")]), "{file}");
        assert!(mapping.has(IMMUTABLE_ID) && mapping.has("Team") && !mapping.has(MAIL), "{file}");
    }
    let mut objects = Pairs::new(Overrides::new());
    for (place, object) in (1..).zip([[("Immutable ID", "x"), ("Upn", "a@b")], [("Team", "Tax"), ("Username", "c@d")]])
    {
        objects.user(place, &pairs(&object)).unwrap();
    }
    assert!([IMMUTABLE_ID, USERNAME, "Team"].iter().all(|name| objects.mapping().has(name)));
    assert_eq!(columns(objects.mapping())[0].1, "Upn");
    // The columns of a table are those of its header.
    let users = PortalUsers::open(&b"Team,Username\nTax,a@b\n"[..], &Overrides::new()).unwrap();
    assert_eq!(columns(&users.fill(&mut Builder::default()).unwrap()), overrides(&[("Username", "Username")]));
}
