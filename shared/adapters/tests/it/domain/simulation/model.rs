//! What can be done to a directory, and what it should then be.

use crate::domain::crowd::Ids;
use domain::Error;
use std::collections::BTreeMap;

#[derive(Debug, Clone)]
pub(super) enum Operation {
    CreateUser { name: String },
    RenameUser { id: String, name: String },
    Deactivate { id: String },
    DeleteUser { id: String },
    CreateGroup { name: String, members: Ids },
    RenameGroup { id: String, name: String },
    DeleteGroup { id: String },
    Join { group: String, members: Ids },
    Leave { group: String, members: Ids },
    Exactly { group: String, members: Ids },
}

/// How an operation must end that nothing interrupts.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum End {
    Done,
    NotUnique,
    Refused,
}

impl End {
    pub(super) fn of<T>(outcome: &Result<T, Error>) -> Option<Self> {
        match outcome {
            Ok(_) => Some(Self::Done),
            Err(Error::NotUnique { .. }) => Some(Self::NotUnique),
            Err(Error::Refused(_)) => Some(Self::Refused),
            Err(_) => None,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct User {
    pub(super) name: String,
    pub(super) active: bool,
    pub(super) version: i64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) name: String,
    pub(super) members: Ids,
    pub(super) version: i64,
}

/// What the directory should be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Model {
    pub(super) users: BTreeMap<String, User>,
    pub(super) groups: BTreeMap<String, Group>,
}

impl Model {
    pub(super) fn expect(&self, operation: &Operation) -> End {
        let user_has = |name: &str, but: &str| {
            self.users.iter().any(|(id, user)| id != but && user.name.to_lowercase() == name.to_lowercase())
        };
        let group_has = |name: &str, but: &str| {
            self.groups
                .iter()
                .any(|(id, group)| id != but && group.name.to_lowercase() == name.to_lowercase())
        };
        let taken = match operation {
            Operation::CreateUser { name } => user_has(name, ""),
            Operation::RenameUser { id, name } => user_has(name, id),
            Operation::CreateGroup { name, .. } => group_has(name, ""),
            Operation::RenameGroup { id, name } => group_has(name, id),
            Operation::Join { group, members } | Operation::Exactly { group, members } => {
                let is_right = |id: &String| id != group && self.lives(id);
                return if members.iter().all(is_right) { End::Done } else { End::Refused };
            }
            _ => false,
        };
        if taken { End::NotUnique } else { End::Done }
    }

    fn lives(&self, id: &str) -> bool {
        self.users.contains_key(id) || self.groups.contains_key(id)
    }

    /// Does it; `created` is the id of what was created.
    pub(super) fn apply(&mut self, operation: &Operation, created: &str) {
        match operation {
            Operation::CreateUser { name } => {
                let user = User { name: name.clone(), active: true, version: 1 };
                self.users.insert(created.to_owned(), user);
            }
            Operation::CreateGroup { name, members } => {
                let group = Group { name: name.clone(), members: members.clone(), version: 1 };
                self.groups.insert(created.to_owned(), group);
            }
            Operation::RenameUser { id, name } => {
                self.change_user(id, |user| user.name.clone_from(name));
            }
            Operation::Deactivate { id } => self.change_user(id, |user| user.active = false),
            Operation::RenameGroup { id, name } => {
                self.change_group(id, |group| group.name.clone_from(name));
            }
            Operation::Join { group, members } => {
                self.change_group(group, |group| group.members.extend(members.iter().cloned()));
            }
            Operation::Leave { group, members } => {
                self.change_group(group, |group| group.members.retain(|id| !members.contains(id)));
            }
            Operation::Exactly { group, members } => {
                self.change_group(group, |group| group.members.clone_from(members));
            }
            Operation::DeleteUser { id } | Operation::DeleteGroup { id } => {
                self.users.remove(id);
                self.groups.remove(id);
                // That is no change of the groups it was in.
                self.groups.values_mut().for_each(|group| _ = group.members.remove(id));
            }
        }
    }

    fn change_user(&mut self, id: &str, change: impl Fn(&mut User)) {
        let user = self.users.get_mut(id).unwrap();
        let before = user.clone();
        change(user);
        user.version += i64::from(*user != before);
    }

    fn change_group(&mut self, id: &str, change: impl Fn(&mut Group)) {
        let group = self.groups.get_mut(id).unwrap();
        let before = group.clone();
        change(group);
        group.version += i64::from(*group != before);
    }

    /// The groups that have this member.
    pub(super) fn direct(&self, member: &str) -> Ids {
        self.groups
            .iter()
            .filter(|(_, group)| group.members.contains(member))
            .map(|(id, _)| id.clone())
            .collect()
    }

    /// And those that have one of these, and so on.
    pub(super) fn all_groups(&self, user: &str) -> Ids {
        let (mut found, mut next) = (Ids::new(), vec![user.to_owned()]);
        while let Some(member) = next.pop() {
            next.extend(self.direct(&member).into_iter().filter(|group| found.insert(group.clone())));
        }
        found
    }
}
