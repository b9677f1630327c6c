//! Source files as flat lists of tokens. Tokens and not syntax trees, because paths also
//! stand in macro bodies and attributes, where a syntax tree has no eyes.

use std::collections::HashMap;
use std::path::Path;
use std::rc::Rc;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// One Rust file.
pub struct Source {
    /// Path from the package's root, such as `src/authors/view.rs`.
    pub name: String,
    pub text: String,
    /// Path of its module, such as `["authors", "view"]`.
    pub module: Vec<String>,
    pub tokens: Vec<Token>,
    /// Whether all of it is compiled for tests only.
    test: bool,
    /// Child modules that are compiled for tests only, by path.
    test_modules: Vec<Vec<String>>,
}

#[derive(Debug, Clone)]
pub struct Token {
    pub text: String,
    pub kind: Kind,
    pub line: usize,
    /// The module it stands in: inline modules count.
    pub module: Rc<Vec<String>>,
    /// Whether it is compiled for tests only.
    pub test: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Ident,
    Punct,
    Literal,
    Open,
    Close,
}

/// A path that a file names, resolved through `use`, `self` and `super`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    pub line: usize,
    /// Whether the path is one of this package; else its first segment is a crate.
    pub ours: bool,
    /// Segments after `crate`, or the whole path; `*` stands for a glob.
    pub path: Vec<String>,
}

/// Every file under `src`.
pub fn all() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut sources: Vec<Source> = walkdir::WalkDir::new(root.join("src"))
        .sort_by_file_name()
        .into_iter()
        .map(|entry| entry.expect("src can be read").into_path())
        .filter(|path| path.extension().is_some_and(|end| end == "rs"))
        .map(|path| {
            let text = std::fs::read_to_string(&path).expect("a source file is UTF-8");
            let name = path.strip_prefix(root).expect("under the root").display();
            Source::of(&name.to_string(), &text)
        })
        .collect();
    let tests: Vec<Vec<String>> = sources
        .iter()
        .flat_map(|source| source.test_modules.clone())
        .collect();
    for source in &mut sources {
        source.test |= tests.iter().any(|test| source.module.starts_with(test));
    }
    assert!(sources.len() > 40, "the walk finds the sources");
    sources
}

impl Source {
    pub fn of(name: &str, text: &str) -> Self {
        let stream: TokenStream = text
            .parse()
            .unwrap_or_else(|error| panic!("{name} cannot be read as tokens: {error}"));
        let module = module_of(name);
        let mut reader = Reader::default();
        reader.read(stream, &Rc::new(module.clone()), false);
        Self {
            name: name.to_owned(),
            text: text.to_owned(),
            module,
            tokens: reader.tokens,
            test: false,
            test_modules: reader.test_modules,
        }
    }

    /// Whether a token is compiled for tests only.
    pub fn is_test(&self, token: &Token) -> bool {
        self.test || token.test
    }

    /// The token at a place and the text after it, to match short patterns.
    pub fn starts_with(&self, at: usize, pattern: &[&str]) -> bool {
        self.tokens.len() >= at + pattern.len()
            && self.tokens[at..]
                .iter()
                .zip(pattern)
                .all(|(token, text)| token.text == *text)
    }

    /// All paths that the file names outside tests.
    pub fn paths(&self) -> Vec<Named> {
        let mut aliases = Aliases::new();
        // Imports may stand on each other and on child modules.
        for (at, token) in self.tokens.iter().enumerate() {
            if token.text == "mod" && self.at_ident(at + 1) {
                let mut path = token.module.to_vec();
                let name = self.tokens[at + 1].text.clone();
                path.push(name.clone());
                aliases.insert(name, (true, path));
            }
        }
        let mut out = Vec::new();
        for is_last in [false, false, true] {
            out.clear();
            let mut at = 0;
            while at < self.tokens.len() {
                let token = &self.tokens[at];
                let in_use = token.kind == Kind::Ident && token.text == "use";
                // `impl … + use<…>` and `use` as part of a longer name are no imports.
                if in_use && !self.starts_with(at + 1, &["<"]) {
                    let first = if self.starts_with(at + 1, &["::"]) {
                        at + 2
                    } else {
                        at + 1
                    };
                    at = self.tree(first, &Vec::new(), true, &mut aliases, &mut out);
                } else if token.kind == Kind::Ident && self.starts_with(at + 1, &["::"]) {
                    at = self.tree(at, &Vec::new(), false, &mut aliases, &mut out);
                } else {
                    at += 1;
                }
            }
            if is_last {
                break;
            }
        }
        out
    }

    fn at_ident(&self, at: usize) -> bool {
        self.tokens
            .get(at)
            .is_some_and(|token| token.kind == Kind::Ident)
    }

    /// Reads a path or a tree of imports from a token on; gives the place after it.
    fn tree(
        &self,
        mut at: usize,
        prefix: &[String],
        import: bool,
        aliases: &mut Aliases,
        out: &mut Vec<Named>,
    ) -> usize {
        let mut path = prefix.to_vec();
        let Some(first) = self.tokens.get(at) else {
            return at + 1;
        };
        while let Some(token) = self.tokens.get(at) {
            match token.kind {
                Kind::Ident => path.push(token.text.clone()),
                Kind::Punct if token.text == "*" && import => path.push("*".to_owned()),
                Kind::Open if import && token.text == "{" => {
                    at += 1;
                    while self
                        .tokens
                        .get(at)
                        .is_some_and(|token| token.kind != Kind::Close)
                    {
                        if self.tokens[at].text == "," {
                            at += 1;
                        } else {
                            at = self.tree(at, &path, import, aliases, out);
                        }
                    }
                    return at + 1;
                }
                _ => break,
            }
            at += 1;
            if !self.starts_with(at, &["::"]) {
                break;
            }
            at += 1;
        }
        if path.len() == prefix.len() {
            return at + 1;
        }
        // `{self}` names what the group stands behind.
        let names_group = !prefix.is_empty() && path.last().is_some_and(|last| last == "self");
        if names_group {
            path.pop();
        }
        let mut alias = path.last().cloned();
        if import && self.starts_with(at, &["as"]) {
            alias = self.tokens.get(at + 1).map(|token| token.text.clone());
            at += 2;
        }
        let (ours, resolved) = resolve(&path, first, aliases);
        // An import of its own name, such as `use diesel;`, says nothing new.
        let is_new = |alias: &String| path.len() > 1 || *alias != path[0];
        if import
            && let Some(alias) = alias.filter(|alias| alias != "*" && alias != "_")
            && is_new(&alias)
        {
            aliases.insert(alias, (ours, resolved.clone()));
        }
        if !self.is_test(first) {
            out.push(Named {
                line: first.line,
                ours,
                path: resolved,
            });
        }
        at
    }
}

type Aliases = HashMap<String, (bool, Vec<String>)>;

fn resolve(path: &[String], token: &Token, aliases: &Aliases) -> (bool, Vec<String>) {
    let rest = |from: usize| path[from..].iter().cloned();
    match path[0].as_str() {
        "crate" => (true, rest(1).collect()),
        "self" => (true, token.module.iter().cloned().chain(rest(1)).collect()),
        "super" => {
            let ups = path.iter().take_while(|part| *part == "super").count();
            let depth = token.module.len().saturating_sub(ups);
            let base = token.module[..depth].iter().cloned();
            (true, base.chain(rest(ups)).collect())
        }
        first => match aliases.get(first) {
            Some((ours, base)) => (*ours, base.iter().cloned().chain(rest(1)).collect()),
            None => (false, path.to_vec()),
        },
    }
}

/// `src/authors/view.rs` is `authors::view`, `src/authors/mod.rs` is `authors`.
fn module_of(name: &str) -> Vec<String> {
    let inner = name.strip_prefix("src/").unwrap_or(name);
    let inner = inner.strip_suffix(".rs").unwrap_or(inner);
    let mut module: Vec<String> = inner.split('/').map(str::to_owned).collect();
    if module.last().is_some_and(|last| last == "mod") || module == ["lib"] {
        module.pop();
    }
    module
}

#[derive(Default)]
struct Reader {
    tokens: Vec<Token>,
    test_modules: Vec<Vec<String>>,
}

impl Reader {
    fn read(&mut self, stream: TokenStream, module: &Rc<Vec<String>>, test: bool) {
        let trees: Vec<TokenTree> = stream.into_iter().collect();
        // `#[cfg(test)]` holds until the item ends: at its braces or its semicolon.
        let mut item_test = false;
        let mut at = 0;
        while at < trees.len() {
            let now_test = test || item_test;
            match &trees[at] {
                TokenTree::Group(group) => {
                    let named = match (
                        at.checked_sub(2).map(|at| &trees[at]),
                        at.checked_sub(1).map(|at| &trees[at]),
                    ) {
                        (Some(TokenTree::Ident(word)), Some(TokenTree::Ident(name)))
                            if word == "mod" =>
                        {
                            Some(name.to_string())
                        }
                        _ => None,
                    };
                    let inner = match named {
                        Some(name) => {
                            let mut inner = module.to_vec();
                            inner.push(name);
                            Rc::new(inner)
                        }
                        None => Rc::clone(module),
                    };
                    let (open, close) = match group.delimiter() {
                        Delimiter::Brace => ("{", "}"),
                        Delimiter::Bracket => ("[", "]"),
                        Delimiter::Parenthesis => ("(", ")"),
                        Delimiter::None => ("", ""),
                    };
                    let is_attribute = at > 0
                        && matches!(&trees[at - 1], TokenTree::Punct(mark) if mark.as_char() == '#');
                    if is_attribute && group.stream().to_string().replace(' ', "") == "cfg(test)" {
                        item_test = true;
                    }
                    self.push(
                        open,
                        Kind::Open,
                        group.span_open().start().line,
                        &inner,
                        now_test,
                    );
                    self.read(group.stream(), &inner, now_test);
                    self.push(
                        close,
                        Kind::Close,
                        group.span_close().start().line,
                        &inner,
                        now_test,
                    );
                    if group.delimiter() == Delimiter::Brace {
                        item_test = false;
                    }
                }
                TokenTree::Ident(ident) => {
                    if item_test
                        && ident == "mod"
                        && let Some(TokenTree::Ident(name)) = trees.get(at + 1)
                        && let Some(TokenTree::Punct(_)) = trees.get(at + 2)
                    {
                        let mut path = module.to_vec();
                        path.push(name.to_string());
                        self.test_modules.push(path);
                    }
                    let text = ident.to_string();
                    self.push(
                        &text,
                        Kind::Ident,
                        ident.span().start().line,
                        module,
                        now_test,
                    );
                }
                TokenTree::Literal(literal) => {
                    let text = literal.to_string();
                    self.push(
                        &text,
                        Kind::Literal,
                        literal.span().start().line,
                        module,
                        now_test,
                    );
                }
                TokenTree::Punct(mark) => {
                    let line = mark.span().start().line;
                    let is_pair = mark.as_char() == ':'
                        && matches!(trees.get(at + 1), Some(TokenTree::Punct(next)) if next.as_char() == ':');
                    if is_pair {
                        self.push("::", Kind::Punct, line, module, now_test);
                        at += 1;
                    } else {
                        self.push(
                            &mark.as_char().to_string(),
                            Kind::Punct,
                            line,
                            module,
                            now_test,
                        );
                        if mark.as_char() == ';' {
                            item_test = false;
                        }
                    }
                }
            }
            at += 1;
        }
    }

    fn push(&mut self, text: &str, kind: Kind, line: usize, module: &Rc<Vec<String>>, test: bool) {
        self.tokens.push(Token {
            text: text.to_owned(),
            kind,
            line,
            module: Rc::clone(module),
            test,
        });
    }
}

#[test]
fn paths_are_found_wherever_they_stand() {
    let source = Source::of(
        "src/authors/view.rs",
        r#"
        use std::fmt;
        use super::model::{self, Author as Person};
        use crate::{db::{self, page}, http};
        mod inner { use super::super::store; fn f() { super::g() } }
        #[schema(value_type = crate::rights::Extent)]
        struct S;
        fn f() { db::schema::authors::table; Person::new(); fmt::write(); page::Mark }
        json!({"a": crate::kernel::id});
        macro_rules! m { () => { $crate::http::reply::Outward } }
        #[cfg(test)]
        mod tests { use crate::never::here; }
        #[cfg(test)]
        mod more;
        "#,
    );
    let found: Vec<String> = source
        .paths()
        .iter()
        .map(|named| {
            let root = if named.ours { "crate::" } else { "" };
            format!("{}:{root}{}", named.line, named.path.join("::"))
        })
        .collect();
    for wanted in [
        "2:std::fmt",
        "3:crate::authors::model",
        "3:crate::authors::model::Author",
        "4:crate::db",
        "4:crate::db::page",
        "4:crate::http",
        "5:crate::authors::store",
        "5:crate::authors::view::g",
        "6:crate::rights::Extent",
        "8:crate::db::schema::authors::table",
        "8:crate::authors::model::Author::new",
        "8:std::fmt::write",
        "9:crate::kernel::id",
        "10:crate::http::reply::Outward",
    ] {
        assert!(
            found.iter().any(|found| found == wanted),
            "{wanted} in {found:#?}"
        );
    }
    assert!(
        !found.iter().any(|path| path.contains("never")),
        "{found:#?}"
    );
    assert_eq!(source.test_modules, [["authors", "view", "more"]]);
}
