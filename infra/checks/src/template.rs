//! The template grants no permission without a reason, and agrees with itself and with the functions.

use crate::yaml::Node;
use crate::{Fault, at};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// How often a queue's visibility must contain the timeout of the function that reads it, as Lambda asks.
const VISIBILITY: i64 = 6;
/// How long a queue hides a message unless it says otherwise, in seconds.
const DEFAULT_VISIBILITY: i64 = 30;
/// Where SAM attaches ready-made policies, which allow more than the function needs.
const READY_MADE: [&str; 2] = ["ManagedPolicyArns", "PermissionsBoundary"];

/// A template, parsed and as written.
#[derive(Debug)]
pub struct Template<'a> {
    root: Node,
    lines: Vec<&'a str>,
}

impl<'a> Template<'a> {
    /// Parses it.
    ///
    /// # Errors
    /// Says where it is no YAML.
    pub fn parse(text: &'a str) -> Result<Self, String> {
        Ok(Self { root: Node::parse(text)?, lines: text.lines().collect() })
    }

    /// Permissions, and everybody or everything that one is granted to or for, without a comment of reason on the line
    /// or in the line above; and ready-made policies.
    pub fn unreasoned(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        self.permissions(&self.root, &mut faults);
        faults
    }

    fn permissions(&self, node: &Node, faults: &mut Vec<Fault>) {
        for (key, value) in node.entries() {
            match key.as_str() {
                "Action" => faults.extend(self.without_reason(value, |_| true)),
                "Resource" | "Principal" => {
                    faults.extend(self.without_reason(value, |text| text.contains('*')));
                }
                "NotAction" | "NotResource" | "NotPrincipal" => {
                    faults.push(at(
                        value.line,
                        format!("`{key}` allows what nobody thought of; name what is allowed"),
                    ));
                }
                key if READY_MADE.contains(&key) => {
                    faults.push(at(
                        value.line,
                        format!("`{key}`: write the permissions out, each with its reason"),
                    ));
                }
                _ => {}
            }
            self.permissions(value, faults);
        }
        if let crate::yaml::Data::List(items) = &node.data {
            for item in items {
                self.permissions(item, faults);
            }
        }
    }

    fn without_reason(&self, value: &Node, wanted: impl Fn(&str) -> bool) -> Vec<Fault> {
        let texts = value.items().iter().filter_map(|item| Some((item.line, item.text()?)));
        texts
            .filter(|(line, text)| wanted(text) && !self.has_comment(*line))
            .map(|(line, text)| at(line, format!("say in a comment beside or above it what `{text}` is for")))
            .collect()
    }

    fn has_comment(&self, line: usize) -> bool {
        let text = |line: usize| self.lines.get(line.wrapping_sub(1)).copied().unwrap_or_default();
        text(line).contains(" # ") || text(line.wrapping_sub(1)).trim_start().starts_with("# ")
    }

    /// What every role may do, as a table in Markdown: the role and the condition of the template under which it may, the
    /// action, on what, and the reason that stands beside it.
    pub fn permissions_table(&self) -> String {
        let mut table = "| role | may | on | why |\n|---|---|---|---|\n".to_owned();
        for (role, node) in self.resources("AWS::IAM::Role") {
            for policy in node.at(&["Properties", "Policies"]).map(Node::items).unwrap_or_default() {
                self.add_permissions(&mut table, role, policy);
            }
        }
        table
    }

    fn add_permissions(&self, table: &mut String, role: &str, policy: &Node) {
        let statements = policy.at(&["PolicyDocument", "Statement"]).map(Node::items);
        for statement in statements.unwrap_or_default() {
            let (condition, statement) = match (statement.tag.as_deref(), statement.items()) {
                (Some("If"), [condition, statement, ..]) => (condition.text(), statement),
                _ => (None, statement),
            };
            let listed = |name| statement.get(name).map(Node::items).unwrap_or_default();
            let on: Vec<&str> = listed("Resource").iter().filter_map(Node::text).collect();
            let denied = statement.get("Effect").and_then(Node::text) == Some("Deny");
            for action in listed("Action") {
                let (may, why) = (action.text().unwrap_or_default(), self.comment(action.line));
                let never = if denied { "never " } else { "" };
                // Writing to a string cannot fail.
                let _ = writeln!(
                    table,
                    "| {} | {never}`{may}` | `{}` | {why} |",
                    under(condition, role),
                    on.join("`, `")
                );
            }
        }
    }

    /// What the comment on a line says.
    fn comment(&self, line: usize) -> &str {
        let line = self.lines.get(line.wrapping_sub(1)).copied().unwrap_or_default();
        line.split_once(" # ").map_or("", |(_, comment)| comment)
    }

    /// Functions that lack a timeout or a role of this template, or whose queue is not fit for them.
    pub fn ill_timed(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        for (name, function) in self.resources("AWS::Serverless::Function") {
            let mut fault = |text: &str| faults.push(at(function.line, format!("{name}: {text}")));
            let Some(timeout) = function.at(&["Properties", "Timeout"]).and_then(Node::number) else {
                fault("give it a `Timeout`");
                continue;
            };
            if function.at(&["Properties", "Role"]).is_none() {
                fault("give it a role of its own; the one that SAM makes allows too much");
            }
            for (_, event) in function.at(&["Properties", "Events"]).map(Node::entries).unwrap_or_default() {
                if event.get("Type").and_then(Node::text) == Some("SQS") {
                    self.queue_faults(event, timeout).into_iter().for_each(&mut fault);
                }
            }
        }
        faults
    }

    fn queue_faults(&self, event: &Node, timeout: i64) -> Vec<&'static str> {
        let queue = event.at(&["Properties", "Queue"]).and_then(Node::text).unwrap_or_default();
        let queue = queue.trim_end_matches(".Arn");
        let property = |name| self.root.at(&["Resources", queue, "Properties", name]);
        let visibility = property("VisibilityTimeout").and_then(Node::number).unwrap_or(DEFAULT_VISIBILITY);
        let answers = event.at(&["Properties", "FunctionResponseTypes"]).map(Node::items).unwrap_or_default();
        let mut faults = Vec::new();
        if visibility < VISIBILITY * timeout {
            faults.push("its queue must hide a message for six times its timeout");
        }
        if property("RedrivePolicy").is_none() {
            faults.push("its queue has no dead-letter queue");
        }
        if !answers.iter().any(|answer| answer.text() == Some("ReportBatchItemFailures")) {
            faults.push("without ReportBatchItemFailures a failed message counts as done");
        }
        faults
    }

    /// Differences between the template and the functions of the repository: by the name of its folder, each with the
    /// variables of the environment that its `main.rs` reads.
    pub fn check_functions(&self, functions: &[(String, BTreeSet<String>)]) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut deployed = BTreeSet::new();
        for (name, node) in self.resources("AWS::Serverless::Function") {
            let code = node.at(&["Properties", "CodeUri"]).and_then(Node::text).unwrap_or_default();
            let folder = code.strip_prefix("functions/").unwrap_or(code).trim_end_matches('/');
            deployed.insert(folder);
            let variables = node.at(&["Properties", "Environment", "Variables"]).map(Node::entries);
            let set: BTreeSet<String> =
                variables.unwrap_or_default().iter().map(|(variable, _)| variable.clone()).collect();
            match functions.iter().find(|(function, _)| function == folder) {
                None => faults.push(at(node.line, format!("{name}: there is no `functions/{folder}`"))),
                Some((_, read)) if *read != set => {
                    faults.push(at(
                        node.line,
                        format!("{name}: the function reads {read:?}, the template sets {set:?}"),
                    ));
                }
                Some(_) => {}
            }
        }
        let missing = functions.iter().filter(|(function, _)| !deployed.contains(function.as_str()));
        faults.extend(
            missing.map(|(function, _)| at(0, format!("no function has the code `functions/{function}`"))),
        );
        faults
    }

    /// The routes of the HTTP API: `METHOD /path/{variable}`.
    pub fn routes(&self) -> Vec<&str> {
        self.resources("AWS::ApiGatewayV2::Route")
            .filter_map(|(_, route)| route.at(&["Properties", "RouteKey"])?.text())
            .collect()
    }

    fn resources(&self, kind: &str) -> impl Iterator<Item = (&str, &Node)> {
        let all = self.root.get("Resources").map(Node::entries).unwrap_or_default();
        all.iter()
            .filter(move |(_, resource)| resource.get("Type").and_then(Node::text) == Some(kind))
            .map(|(name, resource)| (name.as_str(), resource))
    }
}

/// A role that has a permission only under a condition of the template.
fn under(condition: Option<&str>, role: &str) -> String {
    condition.map_or_else(|| role.to_owned(), |condition| format!("{role} if {condition}"))
}

/// The variables that a function reads, by its `main.rs` and the source of `adapters::config`: each constant there names
/// a variable, and the method of its name, in small letters, reads it.
pub fn variables_read(main: &str, config: &str) -> BTreeSet<String> {
    let constants = config.lines().filter_map(|line| {
        let (name, value) = line.strip_prefix("const ")?.split_once(": &str = \"")?;
        Some((name.to_lowercase(), value.trim_end_matches("\";")))
    });
    constants
        .filter(|(method, _)| main.contains(&format!(".{method}()")))
        .map(|(_, variable)| variable.to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn unreasoned(statement: &str, lines: &[usize]) {
        let found = Template::parse(statement).unwrap().unreasoned();
        assert_eq!(found.iter().map(|fault| fault.line).collect::<Vec<_>>(), lines, "{statement}: {found:?}");
    }

    #[test]
    fn permissions_have_reasons() {
        unreasoned("Action:\n  - s3:GetObject # the upload\nResource:\n  - !GetAtt Bucket.Arn\n", &[]);
        unreasoned("Action:\n  # the upload\n  - s3:GetObject\n  - s3:PutObject\n", &[4]);
        unreasoned("a:\n  - b:\n      Action: s3:*\n", &[3]);
        unreasoned("Resource: \"*\"\n", &[1]);
        unreasoned("Resource:\n  - !Sub \"${B.Arn}/*\"\n  - !Sub \"${B.Arn}/x/*\" # all of x\n", &[2]);
        unreasoned("Principal: \"*\"\nNotAction: [s3:GetObject]\n", &[1, 2]);
        unreasoned("ManagedPolicyArns:\n  - arn:aws:iam::aws:policy/AdministratorAccess\n", &[2]);
    }

    #[test]
    fn permissions_are_listed_with_their_reasons() {
        let text = "Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      Policies:
        - PolicyDocument:
            Statement:
              - Action:
                  - s3:GetObject # the upload
                  - s3:PutObject # the report
                Resource: [!GetAtt A.Arn, !Sub \"${B}/*\"]
              - !If
                - Guarded
                - Effect: Deny
                  Action: s3:PutObject # a refusal
                  Resource: \"*\"
                - !Ref AWS::NoValue
";
        let table = Template::parse(text).unwrap().permissions_table();
        let rows: Vec<&str> = table.lines().skip(2).collect();
        assert_eq!(
            rows,
            [
                "| Role | `s3:GetObject` | `A.Arn`, `${B}/*` | the upload |",
                "| Role | `s3:PutObject` | `A.Arn`, `${B}/*` | the report |",
                "| Role if Guarded | never `s3:PutObject` | `*` | a refusal |",
            ]
        );
    }

    const FUNCTION: &str = "Resources:
  Queue:
    Properties: { VisibilityTimeout: 60, RedrivePolicy: { maxReceiveCount: 5 } }
  Function:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/csv-import
      Role: !GetAtt Role.Arn
      Timeout: 10
      Environment: { Variables: { MUSTER_TABLE: !Ref Table } }
      Events:
        Upload:
          Type: SQS
          Properties: { Queue: !GetAtt Queue.Arn, FunctionResponseTypes: [ReportBatchItemFailures] }
";

    #[test]
    fn queues_fit_their_functions() {
        let faults = |text: &str| Template::parse(text).unwrap().ill_timed().len();
        assert_eq!(faults(FUNCTION), 0);
        for (good, bad) in [
            ("Timeout: 60", "Timeout: 59"),
            ("VisibilityTimeout: 60, ", ""),
            ("      Timeout: 10\n", ""),
            ("      Role: !GetAtt Role.Arn\n", ""),
            (", RedrivePolicy: { maxReceiveCount: 5 }", ""),
            ("[ReportBatchItemFailures]", "[]"),
        ] {
            assert!(FUNCTION.contains(good), "{good}");
            assert_eq!(faults(&FUNCTION.replace(good, bad)), 1, "{good} -> {bad}");
        }
    }

    #[test]
    fn the_template_deploys_what_there_is_with_what_it_reads() {
        let faults = |functions: &[(&str, &[&str])]| {
            let functions: Vec<_> = functions
                .iter()
                .map(|(name, read)| ((*name).to_owned(), read.iter().map(ToString::to_string).collect()))
                .collect();
            Template::parse(FUNCTION).unwrap().check_functions(&functions).len()
        };
        assert_eq!(faults(&[("csv-import", &["MUSTER_TABLE"])]), 0);
        assert_eq!(faults(&[("csv-import", &["MUSTER_TABLE", "MUSTER_BUCKET"])]), 1);
        assert_eq!(faults(&[("csv-import", &[])]), 1);
        assert_eq!(faults(&[("csv-import", &["MUSTER_TABLE"]), ("mailer", &[])]), 1);
        assert_eq!(faults(&[]), 1);
    }

    #[test]
    fn variables_are_known_by_the_methods_that_read_them() {
        let config = "const TABLE: &str = \"MUSTER_TABLE\";\nconst BUCKET: &str = \"MUSTER_BUCKET\";\n";
        assert_eq!(variables_read("config.table()?", config), BTreeSet::from(["MUSTER_TABLE".to_owned()]));
        assert_eq!(variables_read("table()", config), BTreeSet::new());
    }
}
