//! The notebooks of groups, and the copies that are being made.

use std::time::Duration;

use crate::ids;

/// The three kinds of things that can be copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Notebook,
    Section,
    Page,
}

impl Kind {
    /// What the path calls things of this kind.
    pub(crate) fn collection(self) -> &'static str {
        match self {
            Self::Notebook => "notebooks",
            Self::Section => "sections",
            Self::Page => "pages",
        }
    }

    /// The kind that things of this kind are in; notebooks are in groups.
    pub(crate) fn within(self) -> Option<Self> {
        match self {
            Self::Notebook => None,
            Self::Section => Some(Self::Notebook),
            Self::Page => Some(Self::Section),
        }
    }
}

/// A notebook, a section or a page.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    pub(crate) id: String,
    pub(crate) kind: Kind,
    pub(crate) group_id: String,
    pub(crate) name: String,
}

/// A copy that is being made, or was.
#[derive(Debug, Clone)]
pub(crate) struct Copying {
    pub(crate) id: String,
    pub(crate) created: Duration,
    kind: Kind,
    group_id: String,
    name: String,
    /// The copy, once it exists.
    pub(crate) made: Option<Item>,
}

/// All of OneNote.
#[derive(Debug, Default)]
pub(crate) struct Onenote {
    items: Vec<Item>,
    copies: Vec<Copying>,
}

impl Onenote {
    pub(crate) fn add(&mut self, kind: Kind, group_id: &str, name: &str) -> Item {
        let id = format!("1-{}", ids::guid(ids::Kind::Onenote, self.items.len() as u64 + 1));
        let item = Item { id, kind, group_id: group_id.to_owned(), name: name.to_owned() };
        self.items.push(item.clone());
        item
    }

    /// The item of this id in this group.
    pub(crate) fn item(&self, kind: Kind, group_id: &str, id: &str) -> Option<&Item> {
        self.items
            .iter()
            .find(|item| item.kind == kind && item.id == id && item.group_id.eq_ignore_ascii_case(group_id))
    }

    pub(crate) fn named(&self, name: &str) -> Option<&Item> {
        self.items.iter().find(|item| item.name == name)
    }

    /// Accepts a copy; returns the id of the operation.
    pub(crate) fn start(&mut self, kind: Kind, group_id: &str, name: &str, at: Duration) -> String {
        let id = format!("copy-{}", ids::guid(ids::Kind::Operation, self.copies.len() as u64 + 1));
        let (group_id, name) = (group_id.to_owned(), name.to_owned());
        self.copies.push(Copying { id: id.clone(), created: at, kind, group_id, name, made: None });
        id
    }

    pub(crate) fn copying(&self, id: &str) -> Option<&Copying> {
        self.copies.iter().find(|copying| copying.id == id)
    }

    /// Makes the copy, if it was not made before.
    pub(crate) fn make(&mut self, id: &str) -> Option<Copying> {
        let index = self.copies.iter().position(|copying| copying.id == id)?;
        if self.copies[index].made.is_none() {
            let Copying { kind, group_id, name, .. } = self.copies[index].clone();
            self.copies[index].made = Some(self.add(kind, &group_id, &name));
        }
        Some(self.copies[index].clone())
    }
}
