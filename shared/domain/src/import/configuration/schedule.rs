//! When files are fetched: days of the week, a time of day and a zone.

use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Timestamp, Zoned};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Blackout dates at most.
pub(super) const MAX_EXCEPT: usize = 366;
/// Days that are looked at for the next run: two years, for a schedule with a year of blackout dates.
const DAYS_AHEAD: usize = 2 * 366;
/// Days in which times that do not exist are looked for: until the clocks have gone forward once.
const WARNED_DAYS: usize = 366;

/// When files are fetched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// On which days of the week, in the zone; all of them by default.
    #[serde(default = "Day::all")]
    pub days: Vec<Day>,
    /// At what time of day, in the zone.
    pub time: TimeOfDay,
    /// A name of the IANA database, such as `Europe/Berlin`.
    pub timezone: Zone,
    /// Whether anything is fetched at all.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Nothing is fetched before this date.
    #[serde(default)]
    pub paused_until: Option<Date>,
    /// Nothing is fetched on these dates.
    #[serde(default)]
    pub except: Vec<Date>,
}

fn yes() -> bool {
    true
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "they are the days of the week")]
pub enum Day {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

impl Day {
    /// All seven.
    pub fn all() -> Vec<Self> {
        vec![Self::Mon, Self::Tue, Self::Wed, Self::Thu, Self::Fri, Self::Sat, Self::Sun]
    }

    fn weekday(self) -> Weekday {
        match self {
            Self::Mon => Weekday::Monday,
            Self::Tue => Weekday::Tuesday,
            Self::Wed => Weekday::Wednesday,
            Self::Thu => Weekday::Thursday,
            Self::Fri => Weekday::Friday,
            Self::Sat => Weekday::Saturday,
            Self::Sun => Weekday::Sunday,
        }
    }

    /// Its name in a cron expression.
    pub fn cron(self) -> &'static str {
        match self {
            Self::Mon => "MON",
            Self::Tue => "TUE",
            Self::Wed => "WED",
            Self::Thu => "THU",
            Self::Fri => "FRI",
            Self::Sat => "SAT",
            Self::Sun => "SUN",
        }
    }
}

/// A time of day to the minute, as `02:30`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeOfDay(Time);

impl TimeOfDay {
    /// Its hour and minute.
    pub fn hour_and_minute(self) -> (i8, i8) {
        (self.0.hour(), self.0.minute())
    }
}

impl Serialize for TimeOfDay {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0.strftime("%H:%M"))
    }
}

impl<'de> Deserialize<'de> for TimeOfDay {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let time = Time::strptime("%H:%M", &text).ok().filter(|_| text.len() == 5);
        time.map(Self)
            .ok_or_else(|| de::Error::custom("write a time of day from 00:00 to 23:59, such as 02:30"))
    }
}

/// A time zone by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone(TimeZone);

/// That of whoever names none.
impl Default for Zone {
    fn default() -> Self {
        Self(TimeZone::UTC)
    }
}

impl Zone {
    /// The date and time in the zone, so many days off: what dates in names of files are made of.
    pub fn local(&self, at: Timestamp, days: i16) -> DateTime {
        let local = at.to_zoned(self.0.clone()).datetime();
        local.checked_add(jiff::Span::new().days(i64::from(days))).unwrap_or(local)
    }

    /// Its name.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }
}

impl Serialize for Zone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        TimeZone::get(&text).map(Self).map_err(|_| {
            de::Error::custom(
                "write the name of a time zone of the IANA database, such as Europe/Berlin or UTC",
            )
        })
    }
}

impl Schedule {
    /// The first time at which something is to be fetched, later than `after`; none where nothing is for two years.
    ///
    /// A time that does not exist on its day, as the clocks go forward, is as much later as they do; of one that is there
    /// twice, the first counts.
    pub fn next(&self, after: Timestamp) -> Option<Timestamp> {
        self.enabled.then(|| self.times(after).next().map(|time| time.timestamp())).flatten()
    }

    /// The next times, in the zone.
    pub fn next_times(&self, after: Timestamp, count: usize) -> Vec<Zoned> {
        if self.enabled { self.times(after).take(count).collect() } else { Vec::new() }
    }

    /// What should be known about it: that its time does not exist on some night of the year to come.
    pub fn warnings(&self, now: Timestamp) -> Vec<String> {
        let odd = self.dates(now).take(WARNED_DAYS).find(|date| {
            let ambiguous = self.timezone.0.to_ambiguous_timestamp(date.to_datetime(self.time.0));
            matches!(ambiguous.offset(), AmbiguousOffset::Gap { .. })
        });
        let words = odd.filter(|_| self.enabled).and_then(|date| {
            let instead = date.to_datetime(self.time.0).to_zoned(self.timezone.0.clone()).ok()?;
            Some(format!(
                "On {date} there is no {} in {}, as the clocks go forward; the file is fetched at {} instead.",
                self.time.0.strftime("%H:%M"),
                self.timezone.name(),
                instead.strftime("%H:%M"),
            ))
        });
        words.into_iter().collect()
    }

    fn times(&self, after: Timestamp) -> impl Iterator<Item = Zoned> + '_ {
        let zoned = |date: Date| date.to_datetime(self.time.0).to_zoned(self.timezone.0.clone()).ok();
        self.dates(after).filter_map(zoned).filter(move |time| time.timestamp() > after)
    }

    /// The dates on which something is fetched, from the one of `from` on.
    fn dates(&self, from: Timestamp) -> impl Iterator<Item = Date> + '_ {
        let first = from.to_zoned(self.timezone.0.clone()).date();
        // A day before, as a time that is moved forward may be on the next one.
        let first = first.yesterday().unwrap_or(first);
        first
            .series(jiff::Span::new().days(1))
            .take(DAYS_AHEAD)
            .filter(|date| self.days.iter().any(|day| day.weekday() == date.weekday()))
            .filter(|date| {
                self.paused_until.is_none_or(|until| *date >= until) && !self.except.contains(date)
            })
    }

    /// The same as `EventBridge` Scheduler wants it. Dates are left out: it asks every time, and we know when not to.
    pub fn cron(&self) -> String {
        let (hour, minute) = self.time.hour_and_minute();
        let days: Vec<&str> = self.days.iter().map(|day| day.cron()).collect();
        format!("cron({minute} {hour} ? * {} *)", days.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn schedule(document: serde_json::Value) -> Schedule {
        serde_json::from_value(document).unwrap()
    }

    #[track_caller]
    fn check(document: serde_json::Value, after: &str, times: &[&str]) {
        let found = schedule(document).next_times(after.parse().unwrap(), times.len().max(1));
        let found: Vec<String> = found.iter().map(|time| time.strftime("%a %FT%R%:z").to_string()).collect();
        assert_eq!(found, times);
    }

    #[test]
    fn next_times() {
        let work = json!({ "days": ["mon", "tue"], "time": "02:30", "timezone": "Europe/Berlin" });
        check(work, "2026-11-26T12:00:00Z", &["Mon 2026-11-30T02:30+01:00", "Tue 2026-12-01T02:30+01:00"]);
        let daily = json!({ "time": "02:30", "timezone": "Europe/Berlin" });
        // The clocks go forward at two, and back at three.
        check(
            daily.clone(),
            "2027-03-27T12:00:00Z",
            &["Sun 2027-03-28T03:30+02:00", "Mon 2027-03-29T02:30+02:00"],
        );
        check(
            daily.clone(),
            "2026-10-24T12:00:00Z",
            &["Sun 2026-10-25T02:30+02:00", "Mon 2026-10-26T02:30+01:00"],
        );
        // Exactly at the time: the next one.
        check(daily, "2026-11-26T01:30:00Z", &["Fri 2026-11-27T02:30+01:00"]);
        let odd = json!({ "time": "23:45", "timezone": "Pacific/Apia", "except": ["2026-11-27"], "paused_until": "2026-11-27" });
        check(odd, "2026-11-26T00:00:00Z", &["Sat 2026-11-28T23:45+13:00"]);
        let off = json!({ "time": "02:30", "timezone": "UTC", "enabled": false });
        check(off, "2026-11-26T00:00:00Z", &[]);
    }

    #[test]
    fn a_time_that_does_not_exist_is_warned_of() {
        let now = "2026-11-26T00:00:00Z".parse().unwrap();
        let warnings = |time: &str, zone: &str| {
            schedule(json!({ "time": time, "timezone": zone })).warnings(now).join("|")
        };
        let words = "On 2027-03-28 there is no 02:30 in Europe/Berlin, as the clocks go forward; the file is fetched at 03:30 instead.";
        assert_eq!(warnings("02:30", "Europe/Berlin"), words);
        assert_eq!(warnings("03:00", "Europe/Berlin"), "");
        assert_eq!(warnings("02:30", "UTC"), "");
        assert_eq!(warnings("02:30", "Asia/Tokyo"), "");
    }

    #[test]
    fn what_is_no_schedule() {
        for (document, words) in [
            (json!({ "time": "2:30", "timezone": "UTC" }), "02:30"),
            (json!({ "time": "24:00", "timezone": "UTC" }), "02:30"),
            (json!({ "time": "02:30", "timezone": "CEST" }), "IANA"),
            (json!({ "time": "02:30", "timezone": "Mars/Olympus" }), "IANA"),
            (json!({ "time": "02:30" }), "timezone"),
            (json!({ "time": "02:30", "timezone": "UTC", "days": ["monday"] }), "monday"),
            (json!({ "time": "02:30", "timezone": "UTC", "cron": "* * * * *" }), "cron"),
            (json!({ "time": "02:30", "timezone": "UTC", "except": ["2026-13-01"] }), "month"),
        ] {
            let error = serde_json::from_value::<Schedule>(document).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
    }

    #[test]
    fn as_eventbridge_wants_it() {
        let schedule =
            schedule(json!({ "days": ["mon", "sun"], "time": "02:05", "timezone": "Europe/Berlin" }));
        assert_eq!(schedule.cron(), "cron(5 2 ? * MON,SUN *)");
        let document = json!({ "days": ["mon", "sun"], "time": "02:05", "timezone": "Europe/Berlin", "enabled": true,
            "paused_until": null, "except": [] });
        assert_eq!(serde_json::to_value(schedule).unwrap(), document);
    }

    proptest! {
        /// Time after time, no day is left out or done twice.
        #[test]
        fn every_day_has_one_time(minutes in 0i32..1440, at in 1_700_000_000i64..1_900_000_000,
            zone in prop::sample::select(vec!["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC", "Africa/Casablanca"])) {
            let time = format!("{:02}:{:02}", minutes / 60, minutes % 60);
            let schedule = schedule(json!({ "time": time, "timezone": zone }));
            let mut after = Timestamp::from_second(at).unwrap();
            let mut dates = Vec::new();
            for _ in 0..10 {
                let next = schedule.next(after).unwrap();
                prop_assert!(next > after);
                dates.push(next.to_zoned(schedule.timezone.0.clone()).date());
                after = next;
            }
            for pair in dates.windows(2) {
                prop_assert_eq!(pair[0].tomorrow().unwrap(), pair[1]);
            }
        }
    }
}
