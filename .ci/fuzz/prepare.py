"""Adds to a served tenant what no list begins with, and writes the fuzzer's configuration with the ids of what there is.

usage: prepare.py ROOT USER_TOKEN APP_TOKEN CONFIGURATION
"""

import json
import pathlib
import sys
import urllib.parse
import urllib.request

ROOT, USER, APP, CONFIGURATION = sys.argv[1:]
HERE = pathlib.Path(__file__).resolve().parent

COURSE = {"@odata.type": "#microsoft.graph.learningSelfInitiatedCourse", "status": "inProgress"}

# What stands for a slash in the ids that the fuzzer is given; hooks.py puts it back.
SLASH = "_slash_"

known = {}
# Ids that belong together, such as a group's thread and a post in it.
families = []


def call(method, path, body=None, token=USER, kind="application/json"):
    data = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
    url = f"{ROOT}/v1.0/{path}"
    request = urllib.request.Request(url, data, {"Authorization": f"Bearer {token}"}, method=method)
    if data is not None:
        request.add_header("Content-Type", kind)
    with urllib.request.urlopen(request) as response:
        text = response.read()
        return response.headers, json.loads(text) if text else None


def quoted(one):
    """Ids of Outlook hold slashes."""
    return urllib.parse.quote(one, safe="")


def note(name, *ids):
    known.setdefault(name, []).extend(one for one in ids if one not in known.get(name, []))
    for one in ids[:1]:
        families[-1].setdefault(name, one)


def ids(name, path, **more):
    found = [item["id"] for item in call("GET", path, **more)[1]["value"]]
    note(name, *found)
    return found


def last(headers):
    return headers["Operation-Location"].rstrip("')").replace("('", "/").rsplit("/", 1)[-1]


def main():
    families.append({})
    groups = [group for group in ids("group-id", "groups") if not group.endswith("3")]
    known["group-id"] = groups
    pilots, crew = groups[:2]
    note("user-id", *ids("directoryObject-id", f"groups/{pilots}/members"))
    families.append({"only": "deleted_items."})
    ids("directoryObject-id", "directory/deletedItems/graph.group")

    families.append({})
    for role in ids("engagementRole-id", "employeeExperience/roles"):
        user = f"{ROOT}/v1.0/users('{known['user-id'][0]}')"
        member = call("POST", f"employeeExperience/roles/{role}/members", {"user@odata.bind": user})[1]
        note("engagementRoleMember-id", member["id"])
    ids("community-id", "employeeExperience/communities")
    community = {"displayName": "New", "description": "", "privacy": "public"}
    note("engagementAsyncOperation-id", last(call("POST", "employeeExperience/communities", community)[0]))
    learning()
    lifecycle(crew)

    for group in groups:
        families.append({"group-id": group})
        outlook(group)
        onenote(group)
        ids("plannerPlan-id", f"groups/{group}/planner/plans")
        site = call("GET", f"groups/{group}/sites/root")[1]["id"]
        note("site-id", site, "root")
        for listed in call("GET", f"sites/{quoted(site)}/lists")[1]["value"]:
            note("list-id", listed["id"])
    call("PUT", f"groups/{pilots}/team", {})
    note("team-id", pilots)
    for plan in known["plannerPlan-id"]:
        ids("plannerBucket-id", f"planner/plans/{plan}/buckets")
        ids("plannerTask-id", f"planner/plans/{plan}/tasks")
    write()


def learning():
    for provider in ids("learningProvider-id", "employeeExperience/learningProviders"):
        contents = call("GET", f"employeeExperience/learningProviders/{provider}/learningContents")[1]["value"]
        note("learningContent-id", *[content["id"] for content in contents])
        note("externalId", *[content["externalId"] for content in contents])
        path = f"employeeExperience/learningProviders/{provider}/learningCourseActivities"
        for number in range(3):
            activity = {
                **COURSE,
                "externalcourseActivityId": f"x-{number}",
                "learningContentId": contents[0]["id"],
                "learnerUserId": known["user-id"][0],
                "learningProviderId": provider,
            }
            note("learningCourseActivity-id", call("POST", path, activity, token=APP)[1]["id"])
            note("externalcourseActivityId", f"x-{number}")


def lifecycle(group):
    policy = {"groupLifetimeInDays": 180, "managedGroupTypes": "Selected", "alternateNotificationEmails": "a@b.example"}
    note("groupLifecyclePolicy-id", call("POST", "groupLifecyclePolicies", policy)[1]["id"])
    for template in ids("groupSettingTemplate-id", "groupSettingTemplates"):
        described = call("GET", f"groupSettingTemplates/{template}")[1]
        values = [{"name": it["name"], "value": it["defaultValue"]} for it in described["values"]]
        place = f"groups/{group}/settings" if described["displayName"].endswith("Guest") else "groupSettings"
        note("groupSetting-id", call("POST", place, {"templateId": template, "values": values})[1]["id"])


def outlook(group):
    body = {"contentType": "text", "content": "Hello"}
    call("POST", f"groups/{group}/threads", {"topic": "Hello", "posts": [{"body": body}]})
    for conversation in ids("conversation-id", f"groups/{group}/conversations"):
        threads = f"groups/{group}/conversations/{quoted(conversation)}/threads"
        for thread in ids("conversationThread-id", threads):
            ids("post-id", f"groups/{group}/threads/{quoted(thread)}/posts")
    moment = {"dateTime": "2026-01-07T09:00:00", "timeZone": "UTC"}
    end = {"dateTime": "2026-01-07T10:00:00", "timeZone": "UTC"}
    every_day = {
        "pattern": {"type": "daily", "interval": 1},
        "range": {"type": "numbered", "startDate": "2026-01-07", "numberOfOccurrences": 3},
    }
    event = {"subject": "Talk", "start": moment, "end": end}
    for more in ({"recurrence": every_day}, {}):
        note("event-id", call("POST", f"groups/{group}/events", event | more)[1]["id"])


def onenote(group):
    notebooks = ids("notebook-id", f"groups/{group}/onenote/notebooks")
    sections = ids("onenoteSection-id", f"groups/{group}/onenote/sections")
    pages = ids("onenotePage-id", f"groups/{group}/onenote/pages")
    if notebooks and sections and pages:
        path = f"groups/{group}/onenote/pages/{quoted(pages[0])}/copyToSection"
        note("onenoteOperation-id", last(call("POST", path, {"id": sections[0]})[0]))


# What queries and bodies are about, so that more of them succeed than random texts would.
SENSIBLE = {
    "query.$select": ["id", "id,displayName", "displayName"],
    "query.$expand": ["members", "posts", "details"],
    "query.$filter": ["displayName eq 'Pilots'", "startswith(displayName,'P')", "id ne null", "not (id eq 'x')"],
    "query.$orderby": ["displayName", "displayName desc", "id"],
    "query.$search": ['"displayName:Pilots"', '"Pilots"', "Pilots"],
    "query.startDateTime": ["2026-01-01T00:00:00Z"],
    "query.endDateTime": ["2026-02-01T00:00:00Z"],
    "header.If-Match": ["*"],
    "header.ConsistencyLevel": ["eventual"],
    "body.mailNickname": [f"nickname{number}" for number in range(50)],
    "body.contentWebUrl": ["https://school.example/course"],
    "body.languageTag": ["en-us"],
    "body.duration": ["PT20M"],
    "body.visibility": ["Private", "Public"],
    "body.timeZone": ["UTC"],
}


def write():
    SENSIBLE["body.planId"] = known["plannerPlan-id"]
    SENSIBLE["body.bucketId"] = known["plannerBucket-id"]
    bindings = {f"path.{name}": values for name, values in known.items()} | SENSIBLE
    lines = [f"hooks = {json.dumps(str(HERE / 'hooks.py'))}"]
    for number, values in enumerate(bindings.values()):
        values = [value.replace("/", SLASH) if number < len(known) else value for value in values]
        lines += [f"[dictionaries.d{number}]", f"values = {json.dumps(values)}"]
    lines.append("[parameters]")
    lines += [
        f'"{name}" = {{ dictionary = "d{number}", probability = 0.9 }}'
        for number, name in enumerate(bindings)
    ]
    pathlib.Path(CONFIGURATION).write_text("\n".join(lines) + "\n")
    sensible = {"bodies": bodies(), "families": families}
    pathlib.Path(CONFIGURATION).with_name("sensible.json").write_text(json.dumps(sensible))


def bodies():
    """By operation, what makes a body succeed."""
    user = {"@odata.id": f"{ROOT}/v1.0/users/{known['user-id'][-1]}"}
    text = {"contentType": "text", "content": "Hello"}
    reply = {"post": {"body": text}}
    forward = {"comment": "Look", "toRecipients": [{"emailAddress": {"address": "a@b.example"}}]}
    thread = {"topic": "Hello", "posts": [{"body": text}]}
    moments = {
        "start": {"dateTime": "2026-01-07T09:00:00", "timeZone": "UTC"},
        "end": {"dateTime": "2026-01-07T10:00:00", "timeZone": "UTC"},
    }
    group = {"displayName": "Fuzz", "mailNickname": "fuzz", "mailEnabled": False, "securityEnabled": True, "groupTypes": []}
    logos = [f"{size}LogoWebUrlFor{theme}Theme" for size in ("long", "square") for theme in ("Dark", "Light")]
    provider = {"displayName": "School", **{logo: "https://school.example/logo.png" for logo in logos}}
    course = {"externalId": "knots", "title": "Knots", "contentWebUrl": "https://school.example/k", "languageTag": "en-us"}
    plan = {"planId": known["plannerPlan-id"][0]}
    section = {"id": known["onenoteSection-id"][0]}
    return {
        "groups.create": group,
        "groups.members.add": user,
        "groups.owners.add": user,
        "groups.check_member_groups": {"groupIds": known["group-id"]},
        "groups.validate_properties": {"entityType": "Group", "displayName": "Fuzz", "mailNickname": "fuzz"},
        "groups.validate_properties_of_group": {"entityType": "Group", "displayName": "Fuzz", "mailNickname": "fuzz"},
        "directory_objects.validate_properties": {"entityType": "Group", "displayName": "Fuzz", "mailNickname": "fuzz"},
        "groups.assign_license": {"addLicenses": [], "removeLicenses": []},
        "groups.events.create": {"subject": "Talk", **moments},
        "groups.threads.create": thread,
        "groups.conversations.create": {"topic": "Hello", "threads": [thread]},
        "groups.conversations.threads.create": thread,
        "groups.threads.reply": reply,
        "groups.conversations.threads.reply": reply,
        "groups.threads.posts.reply": reply,
        "groups.conversations.threads.posts.reply": reply,
        "groups.threads.posts.forward": forward,
        "groups.conversations.threads.posts.forward": forward,
        "group_lifecycle_policies.add_group": {"groupId": known["group-id"][0]},
        "group_lifecycle_policies.remove_group": {"groupId": known["group-id"][0]},
        "learning_providers.create": provider,
        "learning_course_activities.update": COURSE,
        "learning_contents.upsert": course,
        "learning_contents.upsert_by_external_id": course,
        "onenote_notebooks.create": {"displayName": "Fuzz"},
        "onenote_notebooks.sections.create": {"displayName": "Fuzz"},
        "onenote_notebooks.section_groups.create": {"displayName": "Fuzz"},
        "onenote_pages.content.update": [{"target": "body", "action": "append", "content": "<p>More</p>"}],
        "onenote_pages.copy": section,
        "onenote_sections.copy": {"id": known["notebook-id"][0]},
        "planner_plans.create": {"title": "Fuzz", "container": {"url": f"{ROOT}/v1.0/groups/{known['group-id'][0]}"}},
        "planner_buckets.create": {"name": "Fuzz", **plan},
        "planner_tasks.create": {"title": "Fuzz", **plan},
    }


main()
