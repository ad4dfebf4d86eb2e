/**
 * Everything that a comment or a test may cite by number, besides the laws (edge/README.md): one
 * line each, in our words. What the letters stand for is in test/README.md. A citation that is not
 * in this table fails `npm test`; `npm run requirements` lists which tests name which of them.
 */
export const requirements = {
  // The flow of Zhangjiagang's pilot zone: equipment and place.
  "ZJG-01":
    "Only a registered, active declarant's manifests are taken; private sellers do not declare.",
  "ZJG-02":
    "Conveyor, X-ray, reader and cameras are devices with a health; a line without its mandatory ones does not run.",
  "ZJG-03":
    "Zone 1 is the store: goods are packed there and get their number, unique per carrier for six months.",
  "ZJG-04": "Zone 2 is the waiting area, counted and aged, with a capacity.",
  "ZJG-05":
    "Zone 3 inspects, zone 4 loads and seals; parcels move 1, 2, 3, 4, and reach 4 only released.",
  "ZJG-06":
    "Everything from stock to release happens in one centre and stands in one log of events.",
  "ZJG-07":
    "Same-screen comparison (同屏比对): image, declared items and papers of one parcel on one screen; a verdict names what was seen.",
  "ZJG-08":
    "Two rates, of parcels to be X-rayed (过机比例) and to be opened; changing one never touches a parcel that is decided.",
  "ZJG-09":
    "Sealing needs a registered vehicle, released parcels and a count that fits; a sealed load is frozen.",
  // The export flow.
  "ZJG-10": "Quarantine looks at goods before they enter the warehouse, and can stop them.",
  "ZJG-11":
    "Interception rules apply to all goods, before sampling, and sampling never overrides them.",
  "ZJG-12": "Batches are drawn at a set rate and wait for inspection.",
  "ZJG-13": "Inspected batches are admitted by an entered result; what fails never enters.",
  "ZJG-14":
    "Enterprises are filed and approved by somebody else than who filed them, before they may trade.",
  "ZJG-15": "Goods are filed with their HS code; each manifest line leads to an approved entry.",
  "ZJG-16": "Orders arrive by themselves when the trade is closed, before the parcel does.",
  "ZJG-17":
    "The carrier's acceptance (收寄) activates the stored manifest, once, whichever of the two comes first.",
  "ZJG-18": "An activated manifest is enforcement data: its content is fixed, kept and hashed.",
  "ZJG-19":
    "Order, receipt of money, waybill and manifest are compared (三单比对); what does not match, or waits too long, is returned.",
  "ZJG-20":
    "Goods decide the channel: one red line makes the parcel red, and red goods go to on-site review.",
  "ZJG-21":
    "After the papers are checked a second activation (再次激活) by an officer lets red goods go.",
  "ZJG-22": "Taxable goods turn into a full declaration and are never released by manifest.",
  "ZJG-23":
    "The monitoring post (监控岗) watches green releases and may send one to on-site review until it is committed.",
  "ZJG-24":
    "Random control (随机布控) at the set rate: nobody outside can foresee it, every auditor can repeat it.",
  "ZJG-25":
    "Manual control (人工布控) by risk staff counts at once and only ever makes the outcome stricter.",
  "ZJG-26":
    "The label is scanned on the line; the scan ties parcel, waybill, manifest and image together.",
  "ZJG-27":
    "Three exits for released parcels, licence cases and parcels to open; the exit reached is checked against the one decided.",
  "ZJG-28":
    "Released parcels travel sealed, in registered vehicles; the record goes ahead of them.",
  "ZJG-29": "The port checks the seal; a broken or foreign one means inspection again.",
  "ZJG-30": "Carriers report departure; what stays unreported too long is listed.",
  "ZJG-31":
    "Departed manifests are added up into declarations; sums agree and each manifest is in one sum.",
  "ZJG-32": "Declarations are generated from set parameters and filed outside our line.",
  "ZJG-33": "Customs' electronic review may wait for a licence or for papers on site.",
  "ZJG-34":
    "An opened parcel leaves inspection only with a result; an error hands it over to another department.",
  "ZJG-35":
    "Papers are released before things are; the physical release never precedes the documentary one.",
  "ZJG-36":
    "A customs pouch lists what travels; a manifest is closed after release, as a state of its own.",
  "ZJG-37":
    "Information and goods flow separately and meet at guarded points: two linked machines.",
  // The platform's systems, and the peak.
  "ZJG-38": "Published formats, and a parcel's whole way can be followed.",
  "ZJG-39":
    "Five systems: outside access, clearance, on-site inspection, security control, base support.",
  "ZJG-40": "The building's layout (zones, lines, chutes, capacities) is data.",
  "ZJG-41":
    "For an overflow there is a plan: the flow is slowed or stopped, nobody is released undecided.",
  "ZJG-42": "A handheld scanner's events count like any other scanner's.",
  "ZJG-43": "Quantity and barcode are verified against the picking list; a mismatch blocks.",
  "ZJG-44": "Events name camera and time, so that the step that went wrong can be found on video.",
  "ZJG-45": "A line has room for a hundred people: a figure for staffing.",
  "ZJG-46": "Every declarant gets his answer, a return too, in his own format.",
  "ZJG-47": "Channel rules are versioned settings that a customs role makes, not a file.",
  "ZJG-48": "A control may name a goods line; the officer is told which to look for.",
  "ZJG-49": "Handing over into the waiting zone is an act of its own, before ageing starts.",
  "ZJG-50": "The post is the first carrier: its numbers, bags and dispatch lists are understood.",
  // What the plans of other cities add.
  "QD-12": "A declarant can ask for the clearance status of his own parcels.",
  "HZ-02":
    "Reasons of customs and of quarantine make one inspection and one release, never two openings.",
  "HZ-11": "Enterprises and consumers follow their own parcels, and learn nothing of risk.",
  "SZ-09": "It is known which broker may declare for which merchant.",
  "HH-05": "Source, quality, safety, trade and tax are kinds of risk facts in rules and findings.",
  "GZ-05": "Release at the origin without a second check at the port is an option.",
  "D-01": "Controls and draws are hidden from traders and from the floor.",

  // What must hold between the manifest's machine and the parcel's.
  "INV-01": "A released parcel's manifest is released or beyond.",
  "INV-02":
    "What left by green has a recorded release that replays to the same result from the same versions.",
  "INV-03":
    "One more reason never makes the outcome milder; each act discharges its own reason only.",
  "INV-04": "Activated content keeps its hash.",
  "INV-05": "One pass has one committed exit, whatever is repeated.",
  "INV-06":
    "Per line and shift: inducted parcels are released, red, inspected, missorted or still on the belt.",
  "INV-07": "A sealed load is exactly the released parcels scanned into it; its seal is used once.",
  "INV-08":
    "Acceptance, activation, decision, divert, release, seal, port and departure come in this order.",
  "INV-09": "A changed parameter counts for later decisions only; each decision names its version.",
  "INV-10": "Losing the centre never adds a release.",

  // How other lines have failed.
  "PF-01":
    "A divert fails with the next parcel close behind, and every later command shifts by one.",
  "PF-02": "Two parcels lie closer than the minimum gap, and their codes change places.",
  "PF-03": "An eye bounces, or is stuck covered or clear.",
  "PF-04": "The image never comes, and the parcel is let through.",
  "PF-05": "The image comes late or names another parcel, paired by time alone.",
  "PF-06": "The image algorithm fails, says nothing, or says what cannot be read.",
  "PF-07": "Two diverts in one cycle: the second cuts the first short.",
  "PF-08": "The source of documents needs seconds a request; the line's pace must not suffer.",
  "PF-09": "Documents arrive after the commit point.",
  "PF-10": "The belt stops and starts again with parcels past the tracking point.",
  "PF-11": "The line starts with parcels on the belt.",
  "PF-12": "Emergency stop in the middle of a divert.",
  "PF-13": "Commands queued while a link was down arrive late, all at once.",
  "PF-14": "A subscription dies in silence: connected is not receiving.",
  "PF-15": "A value is overwritten before it is read: events are lost unless they are numbered.",
  "PF-16": "A command is lost while the device looks healthy.",
  "PF-17": "A chute fills or closes after a parcel was assigned to it.",
  "PF-18": "The encoder slips or misses pulses.",
  "PF-19": "One label on two parcels, or two declarations for one label.",
  "PF-20": "Customs turns a release into an inspection between scan and divert.",
  "PF-21": "A status code is unknown, negative or old.",
  "PF-22": "An officer objects at the deadline, just before it, or just after.",
  "PF-23": "A guest writes to the live socket.",
  "PF-24": "The agent's clock jumps.",
  "PF-25": "A late or lost sensor event races with the handling of a loss.",
  "PF-26": "Hands take a parcel off the belt, or put a foreign one on.",
  "PF-27": "Loss detection is configured away; the gate must stay.",

  // Screens.
  S0: "The frame of every screen: header, age of the data, alarm banner; data that is lost is said so in full width.",
  S1: "Wall overview: every lane's state, readable from five metres.",
  S2: "Lanes live: moving parcels, eyes, diverters, chutes, devices.",
  S3: "An equipment's own page: state, allowed commands, interlocks in words, events.",
  S4: "Guide through clearing a jam; what was removed is scanned again.",
  S5: "Chutes and their containers: fill, swap, hand-over.",
  S6: "Keying in a number that could not be read, with its picture and a check.",
  S7: "Alarms: active, shelved, history, key figures.",
  S8: "A parcel's story, one tap from anywhere, with one sentence that says why it went there.",
  S9: "Same-screen comparison: the officer's home.",
  S10: "Manual control: placing one, and being told whether it still reaches the parcel.",
  S11: "On-site review of licences and papers.",
  S12: "Open-box inspection with results, photographs and a second signature.",
  S13: "The hold store: where, since when, what is due, who handed over.",
  S14: "Risk: rates and rules, with forecast, approval and rollback.",
  S15: "A draft rule tried on recorded days.",
  S16: "Replay of the last days, framed so that nobody takes it for the present.",
  S17: "A shift's figures and hand-over.",
  S18: "The lab's scenarios and faults, impossible on a real line.",
  S19: "Search in the audit trail.",
  S20: "Diagnostics of sockets, clocks and devices.",
  S21: "Logging in at a work place, with role and hand-over.",
  S22: "The monitoring post: green releases as they are decided, and the press that takes one back.",
  S23: "Bags, loads and seals.",
  S24: "Vehicles and the gate.",
  S25: "Filing enterprises and goods.",
  S26: "Batches before they enter the warehouse.",

  // The live socket.
  W1: "A page says where it was and gets what it missed, or a snapshot; a restarted server is a new epoch.",
  W2: "Changes are numbered and merged; a page that misses one asks for a snapshot and applies nothing.",
  W3: "State may be merged; records (alarms, decisions, tasks) are never dropped and are acknowledged.",
  W4: "Who reads slowly gets no more until it has read, and holds up nobody else.",
  W5: "A heartbeat each second; the page says when it is old, and knows its clock's offset.",
  W6: "A page that becomes visible, or comes back, has a snapshot before it shows anything.",
  W7: "Commands carry an id: the same one again gets the first answer, and a refusal its reason.",
  W8: "Each role and view gets only what is for it, cut on the server.",
  W9: "JSON on the wire until a measurement says otherwise.",

  // The officer's console.
  X1: "Image, photograph and declaration on one screen without scrolling, the image more than half of it.",
  X2: "Mismatches between declared and seen are worded with their source; none chooses the decision.",
  X3: "Image tools (zoom, penetration, materials, edges) act within 50 ms; the set in use is recorded.",
  X4: "Each tool has a key and a button.",
  X5: "Three decisions in fixed places, keys apart; opening and review need a reason.",
  X6: "Presses shortly after an image changed are ignored and counted; a decision names what was shown.",
  X7: "A decision can be taken back until the divert point.",
  X8: "The time left comes from the server, in metres and seconds, calm; what runs out goes to inspection.",
  X9: "Needing more time is a choice of its own and held against nobody.",
  X10: "Image and declaration are of one parcel in every frame.",
  X11: "Free officers share one queue; an image is locked to one of them, by a lease.",
  X12: "Time at the screen is shown, and breaks are suggested.",
  X13: "Training images are the server's, and never move a diverter.",
  X14: "Similar images, released and seized, one tap away.",
  X15: "A share of releases is judged by a second officer who does not know the first's word.",
  X16: "Themes and tints never reach the image's own colours.",

  // The look.
  H1: "Grey when healthy; colour only for what needs a person.",
  H2: "Colour is never the only difference.",
  H3: "Each screen has a level, from overview to diagnostics.",
  H4: "One tap from an alarm to its equipment, three from any screen to any other.",
  H5: "Numbers come with a bar and its normal band.",
  H6: "Each operating mode has its overview.",
  H7: "A symbol is tied to its equipment by a line or by being next to it.",
  H8: "One palette, in one file, under change control.",
  H9: "A screen changes within half a second, a press is answered within a tenth.",

  // Alarms.
  A1: "An alarm has the standard's states; none can be disabled from the screen.",
  A2: "Acknowledging is for what is on screen, with who, when and where.",
  A3: "Silencing is not acknowledging.",
  A4: "Shelving has an end and a reason, and stays in sight.",
  A5: "What is shelved or suppressed still shows at its equipment.",
  A6: "Consequences of a first cause are grouped under it.",
  A7: "Delays on and off; what chatters becomes one row with a count.",
  A8: "A flood is told and grouped, with what is urgent on top.",
  A9: "The alarm that matters most stands on every screen, with what to do.",
  A10: "Each alarm says cause, consequence, action, time, owner, in both languages.",
  A11: "The alarm system's own quality is measured.",
  A12: "Alarms can be listed for one equipment.",
  A13: "Acknowledged is an icon, not another colour.",
  A14: "Only symbols flash, slowly; whoever asks for less motion gets a border.",
  A15: "Few sounds, told apart, tested at the start of a shift.",

  // Colour and shape.
  C1: "Blue means that a person must act now.",
  C2: "Exits and decisions differ in shape and place, not in colour alone.",
  C3: "A site may choose the classic colours of baggage halls.",
  C4: "The legend is always there, drawn from the same symbols.",

  // The picture of a line.
  M1: "The picture lies as the building does.",
  M2: "No parcel is drawn twice, and as many are drawn as are tracked.",
  M3: "A jam shows where, since when, and whom it holds up.",

  // Touch and sight.
  T1: "A work place knows how many millimetres a pixel has.",
  T2: "On the floor, 20 mm to press and 3 mm between.",
  T3: "At desks, 44 pixels to press.",
  T4: "Nothing needs hovering, dragging, long or double presses.",
  T5: "A button acts on release, and twice in a row is once.",
  T6: "Words to be read at a glance are 14 mm high.",
} as const satisfies Readonly<Record<string, string>>;
