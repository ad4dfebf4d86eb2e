/**
 * Why a device is not received or not ready. A tile has room for the words without the address;
 * wherever there is more room they are said with it.
 */
export const deviceReason = {
  neverHeard: "nothing heard yet",
  silent: "no message for over {seconds} s",
  notConnected: "not connected yet[ to {address}]",
  cannotOpen: "its port cannot be opened[: {address}]",
  refused: "the connection is refused[ at {address}]",
  unreachable: "its address cannot be reached[: {address}]",
  noAnswer: "no answer within {seconds} s[ from {address}]",
  connectionLost: "the connection is lost[ to {address}]",
  accessDenied: "access is denied[ at {address}]",
  notTrusted: "its certificate is not trusted[: {address}]",
  unknownThere: "its server does not know it[: {address}]",
  badFrames: "its data cannot be read",
  badChecksum: "its data comes damaged",
  frameTooLong: "its data is longer than allowed[: {address}]",
  badMessage: "its messages cannot be read",
  commandRefused: "it did not take a command",
  machineFault: "the machine reports a fault",
  machineNotReady: "the machine is not ready",
  beamOff: "the beam is off",
  agentNotHeard: "its line controller is not heard",
} as const;

/** What a person at the line can do about it. */
export const deviceAction = {
  neverHeard: "Check the device and its power",
  silent: "Check the device and its power",
  notConnected: "Wait; if it stays so, check its cable and network",
  cannotOpen: "Check that its cable is plugged in",
  refused: "Check that the device's service runs",
  unreachable: "Check its cable, network and address",
  noAnswer: "Check its power and network",
  connectionLost: "Check its cable and power",
  accessDenied: "Call the technician: check user and password",
  notTrusted: "Call the technician: the certificate must be trusted",
  unknownThere: "Call the technician: check its name",
  badFrames: "Call the technician: check its data format",
  badChecksum: "Check its cable and plugs",
  frameTooLong: "Call the technician: check its data format",
  badMessage: "Call the technician: check its data format",
  commandRefused: "Call the technician: check the sorter",
  machineFault: "See the machine's own display",
  machineNotReady: "Wait; see the machine's own display",
  beamOff: "Switch the beam on at the machine",
  agentNotHeard: "Check the line controller and its network",
} as const;
