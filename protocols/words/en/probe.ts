/**
 * What a probe of one device says that is wrong, and what to do about it: sentences for whoever wires
 * and configures a site, by the codes of `edge/probe/hints.ts`.
 */
export const probeHint = {
  portClosed:
    "Nobody listens there[: {address}]. Is the device on, and is this its port? Many devices take one connection only: stop the agent before you probe.",
  pathGone: "There is no {path}.[ This machine has {paths}.] Names below /dev/serial/by-id stay.",
  pathDenied:
    "This user may not open {path}: add the user to the group that the file belongs to, often dialout.",
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
  otherDialect: "What comes is {dialect}: set the dialect to it.",
  noStart: "No frame begins with {start}: set startHex to what the device is set to, or to null.",
  otherEnd: "No frame ends with {ends}; what comes has {end}: set endHex to it.",
  settings: "What comes can be read whole with {settings}: set preset or dialect.",
  badMessage: "A message came that cannot be taken: {detail}",
  otherTopics:
    "Nothing came below {base}, but there are messages on {topics}: is one of them the device's?",
  retainedOnly:
    "Below {base} there are only retained messages, which nobody knows the age of: switch retain off at the device.",
  silentBroker:
    "Connected to the broker, and no message came in {seconds} s, neither below {base} nor elsewhere: is the device connected to this broker?",
  noNamespace:
    "The server does not have the namespace: {detail}. Set namespaceUri to one of these.",
  noNode: "The server does not know a node: {detail}",
  readOnly: "The server does not let us write: {detail}. Have write access given to our user.",
  misfit: "What the server has is not what the map says: {detail}",
  notTrusted:
    "One side does not trust the other's certificate. Ours must be trusted at the server; the server's lies in the folder rejected of this agent until it is moved to trusted.",
  silentServer: "The server has granted everything, and the device told nothing in {seconds} s.",
} as const;

/** The rest of what a probe says. */
export const probe = {
  counted: "{good} messages taken, {discarded} not",
} as const;
