/**
 * What makers' manuals and standards give as test data, and what a first try with foreign machines
 * met: one id and one line each, in our words. A line of theirs is a vector if a test can fail on it:
 * bytes, words, numbers or a formula with what they mean, or a rule of what has to happen. What is
 * only told about, such as that a host's telegrams have fields behind slashes, has nothing to be
 * tested by and is left out until a dialect speaks it.
 *
 * A test claims an id by bearing it in its title, or in the title of its `describe`;
 * `test/architecture/claims.test.ts` fails on an id that no test claims, on a claim of an id that is
 * not here, and on a claim of what `notYet` says is not there. `npm run requirements` prints them with
 * the tests that claim them. (The folder `claims` is about something else: the centre's claims to a
 * parcel.)
 *
 * `PR` is a protocol's vector, by section and running number; `DEV1` a fact of the first try, and
 * `DEV1-B` a fault of ours that was found there. Of Sparkplug B, which no dialect speaks, only the
 * payloads that a probe shows are here.
 */
export const vectors = {
  // Readers' frames and words.
  "PR1.1-1": "SICK: STX, codes with a separator between them, ETX.",
  "PR1.1-2": "SICK: the error string NoRead is no code.",
  "PR1.1-3": "SICK, CoLa-A: STX sMN mTCgateon ETX triggers, and sAN mTCgateon 1 is no code.",
  "PR1.1-4": "SICK, CoLa-A: sAN mTCgateon 0 and sFA refuse a command, and that is said.",
  "PR1.1-5": "SICK, CoLa-A: sRA, sWA, sEA, sSN and sFA are no codes.",
  "PR1.1-6": "SICK: a heartbeat is life, and no code.",
  "PR1.1-7": "SICK: of the diagnosis states 0 to 9 and A only 0 is a good read.",
  "PR1.1-8":
    "SICK, CoLa-B: four bytes 02, the length in four bytes, data, and one byte of exclusive or.",
  "PR1.1-9": "SICK, CoLa-B: the same verbs in such frames; an answer is no code.",
  "PR1.1-10": "Cognex: the text, CR LF.",
  "PR1.1-11": "Cognex, DMCC: ||>TRIGGER ON CR LF triggers.",
  "PR1.1-12": "Cognex, DMCC: commands with a number, a checksum, and escapes in their text.",
  "PR1.1-13":
    "Cognex, DMCC: an answer with state 0 is no code; 100 to 105 refuse, and that is said.",
  "PR1.1-14": "Cognex, DMCC: an answer with state 1 carries a read.",
  "PR1.1-15": "Keyence: the text, CR; a line feed means nothing.",
  "PR1.1-16": "Keyence: STX, the text, ETX, by settings.",
  "PR1.1-17": "Keyence: ERROR and OVER are no codes.",
  "PR1.1-18": "Keyence: LON CR triggers; OK,LON is no code, and ER,LON,00 refuses.",
  "PR1.1-19": "Keyence N-410: %Pmm-nnnn, head and length before the code.",
  "PR1.1-20": "Keyence N-410: NC, ERRmm and ERR91 to ERR95 are no codes.",
  "PR1.1-21": "Datalogic, fixed: the host's protocol index before the message tells whose it is.",
  "PR1.1-22":
    "Datalogic, hand-held: header, address, time, code id and length before the code, CR LF.",
  "PR1.1-23": "Datalogic, hand-held: what begins with DC2 is the reader's own word, and no code.",
  "PR1.1-24": "Honeywell, as delivered: neither prefix nor suffix, so that no frame ever ends.",
  "PR1.1-25": "Honeywell: a suffix CR, and an AIM identifier where it is switched on.",
  "PR1.1-26":
    "Keyence: LOFF CR ends a trigger that has shown nothing, and is not sent behind a good read.",

  // Zebra SSI.
  "PR1.2-1": "ACK of the host: 04 D0 04 00 FF 28.",
  "PR1.2-2": "NAK of the host, send again: 05 D1 04 00 01 FF 25.",
  "PR1.2-3": "LED on: 05 E7 04 00 01 FF 0F, by the same checksum.",
  "PR1.2-4": "RB123456785GB as type 3: 12 F3 00 00 03, the code, FC 02.",
  "PR1.2-5": "START_SESSION: 04 E4 04 00 FF 14.",
  "PR1.2-6": "Bit 0 of the status says that a packet is sent again.",
  "PR1.2-7": "A decoder sends again at most twice.",
  "PR1.2-8": "NAK of the decoder: 2 bad context and 6 denied refuse a command, and that is said.",

  // What holds for every reader of frames.
  "PR1.3-1": "Bytes outside a frame are dropped and counted.",
  "PR1.3-2": "A second start before the end begins the frame anew.",
  "PR1.3-3": "A frame that is too long costs only itself.",
  "PR1.3-4": "However the stream is cut, the frames are the same.",
  "PR1.3-5": "An answer to a command never becomes a code.",
  "PR1.3-6": "Heartbeats and no-reads never become one.",
  "PR1.3-7": "On a link of 7 bits the eighth is dropped.",
  "PR1.3-8": "GS (1D) is data.",
  "PR1.3-9": "Two to three missed heartbeats: the reader is not there.",
  "PR1.3-10": "A serial adapter that is unplugged and plugged in again is found again.",
  "PR1.3-11": "All codes of one read are kept, with their symbologies.",
  "PR1.3-12": "Two valid numbers in one read are a conflict, and the parcel is opened.",
  "PR1.3-13": "CoLa-B: 02 02 02 02 00 00 00 11, sEN LMDscandata 01, 33.",

  // UPU S10.
  "PR2.1-1": "RB123456785 of GB, US, CV and CF are valid.",
  "PR2.1-2": "RB123456786US has a wrong check digit.",
  "PR2.1-3": "RB123456785XX is of no country.",
  "PR2.1-4": "47312482 has check digit 9.",
  "PR2.1-5": "Remainder 1, check digit 0: 10000014, 10000175, 10000245.",
  "PR2.1-6": "Remainder 0, check digit 5: 10000021, 10000182, 10000252.",
  "PR2.1-7": "Services with J and K are not given out.",

  // GS1.
  "PR2.2-1": "]C1 00 106141411234567897 is an SSCC.",
  "PR2.2-2": "The same with 8 at its end has a wrong check digit.",
  "PR2.2-3": "]C0 RB123456785GB is no GS1 data.",
  "PR2.2-4": "]Q3 00 106141411234567897 4307 US: an SSCC and a country.",
  "PR2.2-5": "]d2 01 09506000134352 17 261231 10 ABC: three elements.",
  "PR2.2-6": "]C1 00 and the SSCC, 10 ABC: 10 lacks what it needs.",
  "PR2.2-7": "]C1 ]d2 ]Q3 ]J1 ]e0 say GS1; ]C0 ]d1 ]Q1 do not.",
  "PR2.2-8": "FNC1 within comes as 1D; behind a fixed length none is needed.",
  "PR2.2-9": "420 and 421 exclude each other; 403 needs 00.",

  // AIM identifiers, carriers.
  "PR2.3-1": "The letters of all eighteen symbologies.",
  "PR2.3-2": "Code 128: modifier 1 is GS1, 0 and 2 are not.",
  "PR2.4-1": "The patterns of ten Chinese carriers.",
  "PR2.4-2": "YT and 13 digits is Yuantong, YT and 16 digits YunExpress.",
  "PR2.4-3": "GFUS and 14 digits is GOFO.",

  // Toledo continuous.
  "PR3.1-1": "1.234 kg, at rest, checksum 2A.",
  "PR3.1-2": "1.240 kg, in motion, checksum 25.",
  "PR3.1-3": "The decimal places of status byte A: 0 to 7 are x 100 to five decimals.",
  "PR3.1-4": "The bits of status byte B: net, negative, out of range, motion, kilograms.",
  "PR3.1-5": "Grams by status byte C.",
  "PR3.1-6": "Constant bits may stand as they like, and bit 7 is parity.",
  "PR3.1-7": "The short form leaves out the tare.",
  "PR3.1-8": "A weight in motion, out of range or negative is none.",

  // Scales that are asked.
  "PR3.2-1": "8213: W asks, and STX, weight, CR answers.",
  "PR3.2-2": "8213: STX ? status CR is no weight; bits 0 to 2 are motion, range, under zero.",
  "PR3.2-3": "8213: no unit in the frame, so it is configured.",
  "PR3.3-1": "MT-SICS: S S 100.00 g is a weight at rest.",
  "PR3.3-2": "MT-SICS: S D is a weight in motion.",
  "PR3.3-3": "MT-SICS: S I, S + and S - are no weights.",
  "PR3.3-4": "MT-SICS: ES, ET and EL are errors.",

  // Measuring machines.
  "PR3.4-1":
    "CubiScan: STX M ETX CR LF asks, and its answer of 62 bytes has three edges and a weight.",
  "PR3.4-2": "CubiScan: N in the third place, and STX ? N ETX, are no measurement.",
  "PR3.4-3":
    "SICK MDA: eleven fields with semicolons; status 0001 is outside the field, 1 no scale.",

  // OPC UA.
  "PR4.2-1": "AutoID: the mask 0A 00 00 00 is Grade and Symbology.",
  "PR4.2-2": "AutoID: bits 0 to 4 are Location, Grade, Position, Symbology, ImageId.",
  "PR4.2-3": "AutoID: any status of ScanStart but 0 refuses, such as 17, not ready.",
  "PR4.2-4": "AutoID: scanning ends with its session, and is begun again.",
  "PR4.3-1":
    "PackML: state numbers 1, Clearing, to 15, Resetting; Completing and Complete no line passes.",
  "PR4.3-2": "PackML: Held is from within, Suspended from outside, Aborted an emergency stop.",
  "PR4.4-1": "Each of the three policies that are not deprecated is taken.",
  "PR4.4-2": "Basic128Rsa15 and Basic256 are deprecated, and refused by key.",
  "PR4.4-3": "RSA with PKCS#1 v1.5 stays switched off: no flag of Node's brings it back.",
  "PR4.4-4":
    "A certificate that nobody has trusted is set aside, and taken once a person trusts it.",
  "PR4.4-5": "Certificates lie in a folder of ours, not in the library's in the user's home.",
  "PR4.4-6": "A server's certificate names the application that it announces.",
  "PR4.4-7": "Our own certificate names the application that we announce.",
  "PR4.4-8": "A certificate that is not valid by the calendar is named as that.",
  "PR4.4-9": "A connection that was lost is tried again for ever.",
  "PR4.4-10": "With a new session nothing of the old one is under way.",
  "PR4.4-11": "A subscription that has died under a living connection is made anew.",
  "PR4.4-12": "What was missed is a gap, and not unchanged.",
  "PR4.4-13": "Keep-alive and lifetime are counted in the interval that is granted.",
  "PR4.4-14": "What a server revises is read back and told.",
  "PR4.4-15": "An interval beyond what the line can take is refused by name.",

  // Sparkplug B, as a probe shows it.
  "PR5.4-1": "A payload with four metrics and number 0, as another encoder writes it.",
  "PR5.4-2": "A signed integer is the two's complement in its unsigned field: -5 is 4294967291.",

  // MQTT, for our own topics.
  "PR5.6-1": "What was said while the broker was away is refused, and never sent later.",
  "PR5.6-2": "A command names the session and the count after which it is void.",

  // X-ray.
  "PR6.1-1": "DICOS: CLEAR with SUCCESS is clear, and nothing else is.",
  "PR6.1-2": "DICOS: the tags of a threat report and their types.",
  "PR6.3-1":
    "Decisions 0 to 6: only 2 is clear, 3 is suspect, 0 is no verdict, the rest is unknown.",
  "PR6.3-2": "Decisions 7 to 9, tests of the operator and looked at, are no verdict on a parcel.",
  "PR6.3-3": "The states of a scan, from new to timed out, are no verdicts: only clear clears.",
  "PR6.3-4": "Two numbers an item: the machine's, and the belt's; both have to agree.",
  "PR6.4-1": "Discrete: clear and suspect together, or neither, with the strobe are no verdict.",

  // OSIP.
  "PR7.1-1": "REQ_ 00001 of SPS03, 160 characters.",
  "PR7.1-2": "RES_ 00002 to SPS03, with a location group of 20.",
  "PR7.1-3": "A response bears the number after its request's.",
  "PR7.1-4": "UPD_, LOCU and SYSU with their fields.",
  "PR7.1-5": "An unknown type is answered with error 00000010.",
  "PR7.1-6": "The length counts the whole, or leaves out mark, names and number.",
  "PR7.1-7": "SYNQ is answered with SYNC.",
  "PR7.3-1": "RFC 1006: 03 00, the length with itself, and 02 F0 80.",

  // Modbus.
  "PR7.4-1": "01 03 00 0A 00 01 has CRC A4 08.",
  "PR7.4-2": "00 83 02 has CRC 91 31.",
  "PR7.4-3": "12 34 23 45 34 56 45 67 has CRC E2 DB.",
  "PR7.4-4": "123456789 has CRC 4B37.",
  "PR7.4-5":
    "ASCII: the same eight bytes have LRC 1C; :0003007C00027F is good, 7F and not 01 before it.",
  "PR7.4-6": "RTU: 3.5 characters of silence, 1.75 ms above 19,200 baud.",

  // Telegrams of our own.
  "PR7.5-1": "Numbers go round, and 0 says that counting begins.",
  "PR7.5-2":
    "Without an acknowledgement a telegram is said again under its number, three times in all.",
  "PR7.5-3": "What comes twice is acknowledged twice and done once.",
  "PR7.5-4": "NAK says why.",
  "PR7.5-5": "Without life the diverters rest and the link is down.",

  // Tracking.
  "PR8.1-1": "Counters are compared modulo their width.",
  "PR8.1-2": "Parcels an hour from speed, length and gap: 5,143, 10,286, 13,745.",
  "PR8.1-3": "Two parcels never share a read window.",
  "PR8.1-4": "A decision is due at a position: the divert's, less what it takes to get there.",
  "PR8.1-5": "A belt that stands lets nothing expire.",
  "PR8.1-6": "Of two counts the shorter way round tells the distance, and with it the direction.",
  "PR8.1-7":
    "Millimetres a count: the wheel's circumference by its pulses, four times as many by edges.",
  "PR8.1-8": "A front is accepted within its window about where it is expected.",
  "PR8.1-9": "Parcels closer than two windows are never told apart by which is nearer.",
  "PR8.1-10": "The gap at a diverter: two windows, and what the belt runs while it swings.",
  "PR8.2-1": "Missing at an eye: lost, and what comes later is not matched again.",
  "PR8.2-2": "Seen and not expected: unknown, to inspection.",
  "PR8.2-3": "A length that differs: two that touch, or a swap; not cleared.",
  "PR8.2-4": "An eye blocked beyond the longest parcel: a jam.",
  "PR8.2-5": "A full chute takes no more, and what was bound for it is taken back.",
  "PR8.2-6": "A jam holds induction.",
  "PR8.2-7": "No confirmation at the chute: where the parcel is is unknown.",
  "PR8.2-8": "No read and no data are two things.",
  "PR8.2-9": "No decision at its point: inspection.",
  "PR8.2-10":
    "An encoder that stands under a running belt, an eye that hangs, a belt that runs back.",
  "PR8.2-11": "After a restart everything on the belt is unknown.",

  // The first try with foreign machines.
  "DEV1-1": "By hand over MQTT: a read before the sorter's session is no parcel.",
  "DEV1-2": "By hand over MQTT: the same picture for two parcels is nobody's.",
  "DEV1-3": "By hand over MQTT: an image before its item is held, and follows it.",
  "DEV1-4": "By hand over MQTT: what a foreign centre on the broker says is believed by no line.",
  "DEV1-5": "By hand over MQTT: a wrong topic, and a wrong key, are told.",
  "DEV1-6": "SICK on a serial line: each read once.",
  "DEV1-7": "SICK over TCP: each read once.",
  "DEV1-8": "SICK: the AIM identifier is told apart from the code.",
  "DEV1-9": "SICK: several codes of one read, in order.",
  "DEV1-10": "SICK: NoRead is a read without codes.",
  "DEV1-11": "SICK: a heartbeat is life, and no code.",
  "DEV1-12": "SICK: an answer of CoLa's never becomes a code.",
  "DEV1-13": "SICK: a frame that comes in pieces is put together.",
  "DEV1-14":
    "SICK: a wire that was pulled out and put back is opened again, and nothing comes late.",
  "DEV1-15": "Keyence: the frame as delivered is read.",
  "DEV1-16": "Cognex: the frame as delivered is read.",
  "DEV1-17": "Datalogic: the frame as delivered is read.",
  "DEV1-18": "Honeywell: the frame with its suffix is read.",
  "DEV1-19": "Keyence: a match level behind the code is none of it.",
  "DEV1-20": "NO-READ, NO READ and the like are no codes, whoever makes the reader.",
  "DEV1-21": "The text of a heartbeat is no code, whoever makes the reader.",
  "DEV1-22": "STX before the AIM identifier is none of the code's.",
  "DEV1-23": "A frame that ends otherwise than is configured is told, with what it ends with.",
  "DEV1-24": "Cognex DMCC: an answer that carries a read is one.",
  "DEV1-25": "A reader that the line triggers, as by LON.",
  "DEV1-26": "Zebra SSI: each code once, and acknowledged.",
  "DEV1-27": "OPC UA AutoID: each event is one read.",
  "DEV1-28": "A reader that calls is awaited.",
  "DEV1-29": "Toledo continuous on a serial line: one weight a parcel.",
  "DEV1-30": "Toledo continuous over TCP: one weight a parcel.",
  "DEV1-31": "MT-SICS is read.",
  "DEV1-32": "Toledo 8213 is read.",
  "DEV1-33": "CubiScan is read.",
  "DEV1-34": "A parcel's edges stand beside its weight.",
  "DEV1-35": "An X-ray's DICOS files in a folder.",
  "DEV1-36": "An X-ray over TCP.",
  "DEV1-37": "An X-ray's discrete signals.",
  "DEV1-38": "An X-ray with one plane.",
  "DEV1-39": "An X-ray that knows no counts of ours.",
  "DEV1-40": "A controller with plain variables over OPC UA, by a node map.",
  "DEV1-41": "Its restart with the namespaces in another order.",
  "DEV1-42": "A sorter's inputs and outputs over Modbus, by a map of registers.",
  "DEV1-43": "MQTT over TLS with an authority of the site's own.",
  "DEV1-44": "OPC UA with a user.",
  "DEV1-B1": "Two roles of one agent that evicted each other from the broker.",
  "DEV1-B2": "Two sites on one broker that did so.",
  "DEV1-B3": "Reads whose numbers go back, that were taken.",
  "DEV1-B4": "Retained reads, that were taken after a start.",
  "DEV1-B5": "Aborts of a finished session that went on in the next.",
  "DEV1-B6": "A connected device that said that it was not.",
  "DEV1-B7": "Frames not understood, of which nobody was told.",
  "DEV1-B8": "A keep-alive counted from the interval asked for, not the one granted.",
  "DEV1-B9": "A health that kept the oldest bad frame as its reason.",
  "DEV1-B10": "A wrong baud rate that looked like silence.",
  "DEV1-B11": "A wrong parity that looked like silence.",
  "DEV1-B12": "Errors of framing that only the port's own counters have.",
} as const satisfies Readonly<Record<string, string>>;

export type VectorId = keyof typeof vectors;

/** What the product does not do, and why. Nothing here is claimed by a test. */
export const notYet: Readonly<Partial<Record<VectorId, string>>> = {};
