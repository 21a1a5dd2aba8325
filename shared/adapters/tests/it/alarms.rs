//! Alarms of EventBridge Scheduler, and the function that they wake.

use adapters::lambda::LambdaOutpost;
use adapters::scheduler::SchedulerAlarms;
use adapters::system::SystemRandom;
use domain::import::configuration::Schedule;
use domain::ports::{Alarms, Outpost};
use domain::store::{DirectoryId, Name};
use emulator::{Fault, Lambda, Scheduler};
use serde_json::{Value, json};
use std::sync::Arc;

fn schedule(time: &str) -> Schedule {
    serde_json::from_value(json!({ "days": ["mon"], "time": time, "timezone": "Europe/Berlin" })).unwrap()
}

#[tokio::test]
async fn one_schedule_for_each_configuration() {
    let emulated = Scheduler::start();
    let config = adapters::aws::at_endpoint(&emulated.endpoint(), "test", "test").await;
    let target = ["arn:function".to_owned(), "pulls".to_owned(), "arn:role".to_owned()];
    let alarms = SchedulerAlarms::new(&config, target, Arc::new(SystemRandom));
    let (id, name) = (DirectoryId::demo().unwrap(), Name::new("nightly").unwrap());
    alarms.remove(&id, &name).await.unwrap();
    alarms.set(&id, &name, &schedule("02:30")).await.unwrap();
    emulated.inject(Fault::Throttle, 2);
    alarms.set(&id, &name, &schedule("04:15")).await.unwrap();
    let schedules = emulated.schedules();
    let [kept] = &schedules.values().collect::<Vec<&Value>>()[..] else { panic!("{schedules:?}") };
    assert_eq!(kept["ScheduleExpression"], "cron(15 4 ? * MON *)");
    assert_eq!(kept["ScheduleExpressionTimezone"], "Europe/Berlin");
    assert_eq!(kept["GroupName"], "pulls");
    assert_eq!(
        (&kept["Target"]["Arn"], &kept["Target"]["RoleArn"]),
        (&json!("arn:function"), &json!("arn:role"))
    );
    let input: Value = serde_json::from_str(kept["Target"]["Input"].as_str().unwrap()).unwrap();
    let place = json!({ "tenant": "acme", "directory": "people", "configuration": "nightly" });
    assert_eq!(input, json!({ "attend": place }));
    // The answer is lost, and the repetition finds what was done.
    emulated.inject(Fault::LostReply, 1);
    alarms.remove(&id, &name).await.unwrap();
    assert!(emulated.schedules().is_empty());
    alarms.set(&id, &Name::new("weekly").unwrap(), &schedule("02:30")).await.unwrap();
    assert_eq!(emulated.schedules().len(), 1);
}

#[tokio::test]
async fn the_function_is_reached() {
    let answer = json!({ "ok": true, "steps": [{ "name": "resolve", "status": "ok", "fact": "192.0.2.7" }] });
    let emulated = Lambda::start(answer);
    let config = adapters::aws::at_endpoint(&emulated.endpoint(), "test", "test").await;
    let outpost = LambdaOutpost::new(&config, "sftp-pull");
    let (id, name) = (DirectoryId::demo().unwrap(), Name::new("nightly").unwrap());
    outpost.attend(&id, &name).await.unwrap();
    assert!(outpost.test_access(&id, &name).await.unwrap().unwrap().ok);
    let place = json!({ "tenant": "acme", "directory": "people", "configuration": "nightly" });
    assert_eq!(emulated.events(), [json!({ "attend": place }), json!({ "test-access": place })]);
    assert!(LambdaOutpost::new(&config, "another").attend(&id, &name).await.is_err());
}
