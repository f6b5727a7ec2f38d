//! Reading the fields of an object, with each problem noted at its path.

use crate::problem::Problems;
use crate::rule;

use super::node::Node;
use super::path::Path;

/// An object whose fields are all known, and given once.
pub(super) struct Fields<'a> {
    pub(super) path: &'a Path<'a>,
    fields: &'a [(String, Node)],
}

impl<'a> Fields<'a> {
    pub(super) fn open(node: &'a Node, path: &'a Path<'a>, known: &[&str], problems: &mut Problems) -> Option<Self> {
        let Node::Object(fields) = node else {
            problems.add(path, format!("must be an object, but is {}", node.describe()));
            return None;
        };
        for (i, (name, _)) in fields.iter().enumerate() {
            if !known.contains(&name.as_str()) {
                problems.add(path, rule::unknown("field", name, known));
            } else if fields[..i].iter().any(|(earlier, _)| earlier == name) {
                problems.add(path.field(name), "is given twice");
            }
        }
        Some(Self { path, fields })
    }

    /// `null` counts as absent.
    pub(super) fn optional(&self, name: &str) -> Option<&'a Node> {
        let (_, node) = self.fields.iter().find(|(field, _)| field == name)?;
        (!matches!(node, Node::Null)).then_some(node)
    }

    pub(super) fn required(&self, name: &str, problems: &mut Problems) -> Option<&'a Node> {
        let node = self.optional(name);
        if node.is_none() {
            problems.add(self.path.field(name), "is missing");
        }
        node
    }

    pub(super) fn integer<T>(
        &self,
        name: &str,
        rule: impl FnOnce(u64) -> Result<T, String>,
        problems: &mut Problems,
    ) -> Option<T> {
        let node = self.required(name, problems)?;
        let value = match node {
            Node::Number(number) => {
                number.as_u64().ok_or_else(|| format!("must be a whole number, not negative, but is {number}"))
            }
            other => Err(format!("must be a whole number, but is {}", other.describe())),
        };
        problems.note(self.path.field(name), value.and_then(rule))
    }

    pub(super) fn text<T>(
        &self,
        name: &str,
        rule: impl FnOnce(&str) -> Result<T, String>,
        problems: &mut Problems,
    ) -> Option<T> {
        let node = self.required(name, problems)?;
        self.text_of(name, node, rule, problems)
    }

    pub(super) fn text_or<T>(
        &self,
        name: &str,
        default: &str,
        rule: impl FnOnce(&str) -> Result<T, String>,
        problems: &mut Problems,
    ) -> Option<T> {
        match self.optional(name) {
            Some(node) => self.text_of(name, node, rule, problems),
            None => problems.note(self.path.field(name), rule(default)),
        }
    }

    /// A section, a row or a number; `None` where it is absent, or wrong and noted.
    pub(super) fn label(&self, name: &str, problems: &mut Problems) -> Option<String> {
        self.chosen(name, rule::label, problems)
    }

    /// A text that may be absent; `None` then, and where it is wrong and noted.
    pub(super) fn chosen<T>(
        &self,
        name: &str,
        rule: impl FnOnce(&str) -> Result<T, String>,
        problems: &mut Problems,
    ) -> Option<T> {
        let node = self.optional(name)?;
        self.text_of(name, node, rule, problems)
    }

    /// Whether something is so; not, where it is absent, or wrong and noted.
    pub(super) fn flag(&self, name: &str, problems: &mut Problems) -> bool {
        match self.optional(name) {
            None => false,
            Some(Node::Bool(value)) => *value,
            Some(other) => {
                problems.add(self.path.field(name), format!("must be true or false, but is {}", other.describe()));
                false
            }
        }
    }

    /// A text that need not be there; `None` where it is absent, or wrong and noted.
    pub(super) fn text_if<T>(
        &self,
        name: &str,
        rule: impl FnOnce(&str) -> Result<T, String>,
        problems: &mut Problems,
    ) -> Option<T> {
        let node = self.optional(name)?;
        self.text_of(name, node, rule, problems)
    }

    pub(super) fn items(&self, name: &str, node: &'a Node, problems: &mut Problems) -> &'a [Node] {
        if let Node::List(items) = node {
            return items;
        }
        problems.add(self.path.field(name), format!("must be a list, but is {}", node.describe()));
        &[]
    }

    /// As [`Fields::items`], of which there has to be one.
    pub(super) fn filled(&self, name: &str, node: &'a Node, problems: &mut Problems) -> &'a [Node] {
        let items = self.items(name, node, problems);
        if items.is_empty() && matches!(node, Node::List(_)) {
            problems.add(self.path.field(name), "must not be empty");
        }
        items
    }

    fn text_of<T>(
        &self,
        name: &str,
        node: &Node,
        rule: impl FnOnce(&str) -> Result<T, String>,
        problems: &mut Problems,
    ) -> Option<T> {
        let value = match node {
            Node::Text(text) => rule(text),
            other => Err(format!("must be a string, but is {}", other.describe())),
        };
        problems.note(self.path.field(name), value)
    }
}
