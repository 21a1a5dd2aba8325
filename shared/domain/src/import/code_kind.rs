//! What a row of the table of codes becomes.

macro_rules! codes {
    ($($variant:ident $name:literal $severity:ident
        $what:literal $([$example:literal])? $why:literal $remedy:literal;)*) => {
        /// A kind of problem. Its name is stable: reports, clients and documentation rely on it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[expect(clippy::doc_markdown, reason = "the sentences are read by administrators, not as Markdown")]
        pub enum Code {
            $(
                #[doc = $what]
                #[serde(rename = $name)]
                $variant,
            )*
        }

        impl Code {
            /// Every code, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The stable name.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What it does to the import.
            pub const fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity,)* }
            }

            /// What is wrong: a sentence without its full stop.
            pub const fn what(self) -> &'static str {
                match self { $(Self::$variant => $what,)* }
            }

            /// What brings it about: a cell, a line or a file, in Markdown.
            pub const fn example(self) -> &'static str {
                match self { $(Self::$variant => concat!("", $($example)?),)* }
            }

            /// Why that is not simply taken: a sentence without its full stop.
            pub const fn why(self) -> &'static str {
                match self { $(Self::$variant => $why,)* }
            }

            /// How to mend it: a sentence without its full stop.
            pub const fn remedy(self) -> &'static str {
                match self { $(Self::$variant => $remedy,)* }
            }
        }
    };
}

pub(super) use codes;
