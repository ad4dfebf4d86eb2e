/**
 * What a probe of one device says that is wrong, and what to do about it: sentences for whoever wires
 * and configures a site, by the codes of `edge/probe/hints.ts`.
 */
export const probeHint = {
  noSuchUrl:
    "There is nothing at this path[: {detail}]. Look up the camera's own for a single still.",
  videoStream:
    "What is at this path never ends[: {detail}]. Look up the camera's path for a single still, often called snapshot.",
  endsEarly:
    "The camera hangs up in the midst of its answer[: {detail}]. Ask for a smaller picture, and look for a newer firmware.",
  noHttp:
    "Somebody takes the call and hangs up, or speaks no HTTP[: {detail}]. Compare the port, and http with https; many cameras answer few at a time.",
  slowAnswer:
    "The answer is not there in time. Ask for a smaller picture, or raise reach.answerMsMax; is it a camera that answers there at all?",
  redirected:
    "It sends us on[: {detail}]. Write that address into reach.url; where it is a page to log in at, this is no path for a still.",
  otherProtocol:
    "It switches to another protocol[: {detail}], so this is no path for a still. Look up the camera's own for one, often called snapshot.",
  noPicture:
    "It answers, and has no picture[: {detail}]. Is its image service on, and is there such a channel?",
  deviceBusy:
    "It has no time, or is still starting[: {detail}]. Does something else ask it as well? Raise reach.lookEveryMs, or start it anew.",
  requestRefused:
    "It does not take the request[: {detail}]. Compare the path and its parameters with its manual.",
  deviceNotTrusted:
    "Nobody who is trusted here has signed its certificate[: {detail}]. Name its authority in reach.caFile.",
  deviceExpired: "Its certificate is over[: {detail}]. Have it renewed at the device.",
  deviceOtherName:
    "Its certificate is good for other names[: {detail}]. Write one of these into reach.url, or have one made for this name.",
  deviceWantsOurs:
    "It wants a certificate of ours, and none can be given[: {detail}]. Switch that off at the device; a name and a password are given.",
  deviceNoTls:
    "No TLS is spoken there[: {detail}]. Devices have a port of their own for it, often 443; without it, reach.url begins with http.",
  passwordInClear:
    "It wants the password as it is, for all to read[: {detail}]. Set it to Digest, or reach it by https.",
  portClosed:
    "Nobody listens there[: {address}]. Is the device on, and is this its port? Many devices take one connection only: stop the agent before you probe.",
  pathGone: "There is no {path}.[ This machine has {paths}.] Names below /dev/serial/by-id stay.",
  pathDenied:
    "This user may not open {path}: add the user to the group that the file belongs to, often dialout.",
  folderClosed:
    "The folder cannot be looked at[: {detail}]. Is its disk mounted, do reach.path and, where there is one, reach.tellPath lead to it, and may this user read and write there?",
  pathBusy: "Another program holds {path}: stop the agent before you probe.",
  silentLine:
    "Connected, and not one byte came in {seconds} s. Is the device on, are its wires for sending and receiving the right way round, does it send unasked? A wrong baud rate may look like silence, too.",
  silentPeer:
    "Connected, and not one byte came in {seconds} s. Does the device send unasked, and to this connection?",
  lineErrors:
    "The port has counted {total} damaged characters meanwhile: baud rate, data bits, parity or stop bits are not the device's.",
  parityBit:
    "Bit 7 of each byte is its parity: the device sends 7 data bits with {parity} parity. Set dataBits 7 and parity {parity}.",
  notTextOnLine:
    "{total} bytes came, and most of them are no text: the baud rate is not the device's, or it speaks a binary dialect.",
  notText:
    "{total} bytes came, and most of them are no text: the device speaks a binary dialect, or this is another device.",
  isoTcp:
    "What comes begins with 03 00, as packets of ISO transport on TCP (RFC 1006) do: set isoTcp with both TSAPs beside the port.",
  isoTcpIsNone:
    "What comes is no packet of ISO transport on TCP: the socket is bare, leave isoTcp out; or this is another port of the device.",
  isoTcpUnanswered:
    "The device took the call and agreed on no ISO connection of {own} with {device}: compare both TSAPs with its connection's; if it has none, its socket is bare, and isoTcp is left out.",
  isoTcpRefused:
    "The device refuses the ISO connection of {own} with {device}[ ({detail})]: compare both TSAPs with its connection's, ours being the partner's there.",
  otherDialect: "What comes is {dialect}: set the dialect to it.",
  noStart: "No frame begins with {start}: set startHex to what the device is set to, or to null.",
  otherEnd: "No frame ends with {ends}; what comes has {end}: set endHex to it.",
  settings: "What comes can be read whole with {settings}: set preset or dialect.",
  badMessage: "A message came that cannot be taken: {detail}",
  sparkplug:
    "On {topics} there is Sparkplug B, which no dialect reads: its values are sampled, and bear no parcel's moment. Have the gateway publish JSON of its own, one message an event, without retain: json-map reads a scanner's in any form, sortline-json the messages of our own.",
  unreadTopics:
    "There are messages on {topics}, which is not read, and none on {silent}, which is: have the device publish there, or, where the dialect is a map, write its topic into that.",
  otherTopics:
    "Nothing came below {base}, but there are messages on {topics}: is one of them the device's?",
  retainedOnly:
    "On what is read below {base} there are only retained messages, which nobody knows the age of: switch retain off at the device.",
  silentBroker:
    "Connected to the broker, and no message came in {seconds} s, neither below {base} nor elsewhere: is the device connected to this broker?",
  noNamespace:
    "The server does not have the namespace: {detail}. Set namespaceUri to one of these.",
  noNode: "The server does not know a node: {detail}",
  readOnly: "The server does not let us write: {detail}. Have write access given to our user.",
  misfit: "What the server has is not what the map says: {detail}",
  notTrusted:
    "Nobody has trusted this server yet. Run the command, compare the SHA-256 that it shows with the device's own, and say yes.",
  certificateRenewed:
    "The server shows a newer certificate of the same names. If it was renewed, run the command and compare the SHA-256 with the device's own; if nobody has renewed it, somebody else answers there.",
  certificateForeign:
    "Another certificate was trusted at this address: {detail}. Is this the right address? If the machine was exchanged, npm run trust with --replace trusts the new one.",
  certificateOtherName:
    "The certificate was made for another program than the one that shows it: {detail}. Have the device make a new one after its name or address has changed.",
  certificateExpired:
    "Nothing makes a certificate trusted that is over: {detail}. Renew it at the device, then trust the new one with npm run trust.",
  certificateNotYetValid:
    "The certificate begins later: {detail}. Compare the device's clock with ours; one of them is wrong.",
  ourCertificateRefused:
    "The server does not take our certificate. It is listed there among the rejected ones by now: trust it there; its name is Sortline.",
  securityNotOffered:
    "What the configuration wants is not what is offered: {detail}. Switch the wanted one on at the server; a weaker one is not taken unasked.",
  secretFile: "The file cannot serve: {address}: {detail}",
  accessDenied:
    "Whoever we are is not let in: {detail}. Compare user, password file and what the server takes.",
  brokerNotTrusted:
    "Whoever has signed the broker's certificate is not known here: {detail}. Name the authority's file in tls.caFile; without it only the authorities of the world are believed.",
  brokerExpired: "The broker's certificate is over: {detail}. Have it renewed at the broker.",
  brokerOtherName:
    "The broker's certificate is good for other names: {detail}. Write one of these into brokerUrl, or have one made for this name.",
  brokerRefusesOurs:
    "The broker wants a certificate of ours and got none that it takes: {detail}. See tls.certificateFile, and what the broker believes.",
  brokerNoTls:
    "No TLS is spoken there: {detail}. Brokers have a port of its own for it, often 8883.",
  silentRegisters:
    "Connected and asked, and not one byte came in {seconds} s. Compare unitId, framing, baud rate and parity; on RS-485, A and B may be changed over. A device that is set to Modbus ASCII does not answer either.",
  modbusAscii:
    "What comes is Modbus ASCII, whose check is one byte: set the device to RTU, 8 data bits.",
  wordOrder:
    "{keys}: it changes by nothing but multiples of 65,536, so the other register comes first. Change wordOrder there, and look at the others.",
  lifeStands:
    "life.fromPlc was {value} all the time, so nothing is told of the belt. Does the controller's program run, and is this the variable that it changes?",
  echoMissing:
    "echo.toPlc was written, and echo.fromPlc never showed it. Does the controller's program copy the one into the other?",
  silentServer: "The server has granted everything, and the device told nothing in {seconds} s.",
} as const;

/** The rest of what a probe says. */
export const probe = {
  counted: "{good} messages taken, {discarded} not",
  notShown: "{total} more lines are not shown.",
} as const;

/** What `npm run probe -- --life` has seen. */
export const probeLife = {
  notHeard: "Nothing is heard of the belt in {seconds} s[: {why}]. Probe it without --life first.",
  beltRuns: "The belt runs: nothing should be on it meanwhile.",
  notSent: "A divert could not be sent ({why}).",
  accepted: "With our life a divert is accepted; it lies so far ahead that nothing moves.",
  notAccepted:
    "With our life a divert is not accepted[ ({why})], so there is nothing to be cancelled.",
  cancelled: "Our life was stopped, and {ms} ms later the divert was cancelled for want of it.",
  notCancelled:
    "Our life was stopped, and {ms} ms later the divert is still pending: the controller must cancel what is pending, and rest every diverter, after 1,500 ms without a change of life.toPlc.",
  cancelledOtherwise:
    "Our life was stopped, and {ms} ms later the divert was cancelled, but for another reason ({why}): the controller must say that it was for want of life.",
  fired:
    "Our life was stopped, and {ms} ms later the divert was told as fired: the controller must not move anything without life.",
  refusedWithout: "Without our life a divert is refused for want of it.",
  notRefusedWithout:
    "Without our life a divert is not refused for want of it[ ({why})]: the controller must accept nothing then.",
  back: "With our life again a divert is accepted again.",
  notBack:
    "With our life again a divert is not accepted[ ({why})]: does the controller see that life.toPlc changes?",
  inOrder:
    "All of it is as it must be. Whether the diverters rest cannot be read here: look at them.",
  notInOrder: "Not all of it is as it must be: no line may run so.",
} as const;
