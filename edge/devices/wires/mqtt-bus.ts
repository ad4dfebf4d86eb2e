import {
  deviceReason,
  isSameDeviceReason,
  type DeviceReason,
} from "../../../protocols/device-reasons.ts";
import type { Log } from "../../../protocols/log.ts";
import type { Clock, Entropy, Timer } from "../../../protocols/time.ts";
import { notConnected, type MessageBus, type Will } from "../../../protocols/transport.ts";
import { monotonicMs } from "../../../protocols/units.ts";
import { addressOfUrl, networkReason } from "../network-reason.ts";
import { isOfNobody, type BrokerReach } from "../reach.ts";
import { createRefusedLogin, delaysOfServer, type OfferedFile } from "../refused-login.ts";
import { createReopenPace, lastedMs } from "../reopen-pace.ts";
import { openMqttAttempt, type MqttAttempt, type MqttVersion } from "./mqtt-attempt.ts";
import { readMqttCredentials, type MqttCredentials } from "./mqtt-credentials.ts";
import { createTopicHandlers } from "./topic-handlers.ts";
import { createWireLog } from "../wire-log.ts";

export interface MqttBusOptions extends BrokerReach {
  /** Unique at the broker: a second client of the same name drives the first one out. */
  readonly clientId: string;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly log: Log;
  /** Default 5,000 ms. */
  readonly connectTimeoutMs?: number;
  /** Default 5 s. Health is judged by messages; this only frees a dead socket. */
  readonly keepaliveS?: number;
  /** Bytes the socket may hold before `publish` refuses. Default 32 MiB: two images. */
  readonly outgoingBytesMax?: number;
  /** QoS 1 messages that may wait for the broker's word before `publish` refuses. Default 1,000. */
  readonly unacknowledgedMax?: number;
  /**
   * A longer incoming packet cuts the connection, unless the broker can be told to keep it back.
   * Default 17 MiB: an image and its topic.
   */
  readonly packetBytesMax?: number;
  /** A broker that says that it takes no packet so long is not connected to. Default 0. */
  readonly neededPacketBytes?: number;
  /** What the broker publishes when this client is lost; not after `close`. Default: nothing. */
  readonly will?: Will;
}

const mebibyte = 1024 * 1024;

/** Losses in a row, each soon after its connect, from which a rival of the same id is supposed. */
const lossesAtOnceMin = 3;

type StateHandler = Parameters<MessageBus["onState"]>[0];

/**
 * A `MessageBus` over a broker, one attempt after the other with growing delays: in MQTT 5, and in
 * 3.1.1 where the broker knows no other. Nothing that must hold depends on the newer one. "Connected"
 * is told once all subscriptions are granted. TCP_NODELAY is set at this end; without it a QoS 1 round
 * trip takes tens of milliseconds, and the broker must do the same at its end.
 *
 * Filters of one bus should not overlap: brokers differ in how often they then deliver a message.
 * State handlers hear again of a lost connection when its reason has changed.
 */
export function openMqttBus(options: MqttBusOptions): MessageBus {
  const { brokerUrl, clientId, clock } = options;
  const address = addressOfUrl(brokerUrl);
  const log = options.log.child("mqtt", { address, clientId });
  const wireLog = createWireLog({ log, clock });
  const pace = createReopenPace(options);
  const topics = createTopicHandlers();
  const state = createToldState(deviceReason("notConnected", { address }));
  const login = createRefusedLogin({
    clock,
    passwordFile: options.user?.passwordFile ?? null,
    delaysMs: delaysOfServer(options.entropy),
  });
  const givesPassword = options.user !== undefined || !isOfNobody(brokerUrl);
  let attempt: MqttAttempt | null = null;
  let retry: Timer | null = null;
  let isClosed = false;
  let offered: OfferedFile = null;
  let version: MqttVersion = 5;
  let knowsOlderOnly = false;

  const retryLater = (known: DeviceReason, isLoginRefused = false): void => {
    const delayMs = pace.nextDelayMs();
    const reason = perhapsTaken(known, { address, clientId, lossesAtOnce: pace.shortLived() });
    wireLog.closed(reason);
    state.down(reason);
    if (isLoginRefused) login.wait(offered, connect);
    else retry = clock.schedule(monotonicMs(clock.monotonic() + delayMs), connect);
  };

  const connect = (): void => {
    retry = null;
    if (options.tls === undefined && options.user === undefined) return open({});
    const read = async (): Promise<MqttCredentials> => {
      offered = await login.offering();
      return readMqttCredentials(options, clock.wall());
    };
    read().then(
      (credentials) => {
        if (!isClosed) open(credentials);
      },
      (error: unknown) => {
        if (!isClosed) retryLater(networkReason(error, address));
      },
    );
  };

  const open = (credentials: MqttCredentials): void => {
    const tried = version;
    attempt = openMqttAttempt({
      brokerUrl,
      credentials,
      address,
      clientId,
      version,
      clock,
      log,
      connectTimeoutMs: options.connectTimeoutMs ?? 5_000,
      keepaliveS: options.keepaliveS ?? 5,
      outgoingBytesMax: options.outgoingBytesMax ?? 32 * mebibyte,
      unacknowledgedMax: options.unacknowledgedMax ?? 1_000,
      packetBytesMax: options.packetBytesMax ?? 17 * mebibyte,
      neededPacketBytes: options.neededPacketBytes ?? 0,
      will: options.will ?? null,
      filters: topics.filters,
      onMessage: topics.dispatch,
      onReady: () => {
        pace.opened();
        login.taken();
        wireLog.opened();
        state.up();
      },
      onNotTaken: (topic, error) => wireLog.notTaken(topic, error),
      onOver: ({ reason: known, wasWelcome, isVersionRefused }) => {
        attempt = null;
        if (isVersionRefused) {
          version = otherThan(tried);
          knowsOlderOnly = tried === 5;
          if (knowsOlderOnly) return open(credentials);
        } else if (wasWelcome) {
          version = knowsOlderOnly ? 4 : 5;
        } else if (mayBeTheVersion.has(known.code)) {
          version = otherThan(tried);
        }
        retryLater(known, known.code === "accessDenied" && !wasWelcome && givesPassword);
      },
    });
  };

  connect();
  return {
    onState: (handler) => state.addHandler(handler),
    subscribe(filter, handler) {
      if (topics.add(filter, handler)) attempt?.subscribe(filter);
    },
    publish(topic, payload, { qos = 0, retain = false, isMinor = false } = {}) {
      if (!state.isUp() || attempt === null) return notConnected;
      return attempt.publish(topic, payload, { qos, retain, isMinor });
    },
    packetBytesMax: () => (state.isUp() ? (attempt?.packetBytesMax() ?? null) : null),
    async close() {
      if (isClosed) return;
      isClosed = true;
      state.end();
      retry?.cancel();
      login.stop();
      wireLog.stop();
      const last = attempt;
      attempt = null;
      await last?.close();
    },
  };
}

/**
 * How a peer that does not know the version may end an attempt, besides saying so. A broker that is
 * starting may do that, too, so that the newer one is tried again after each connection that there was.
 */
const mayBeTheVersion: ReadonlySet<DeviceReason["code"]> = new Set(["connectionLost", "noAnswer"]);

const otherThan = (version: MqttVersion): MqttVersion => (version === 5 ? 4 : 5);

/** What the handlers of a bus's state have been told: they hear of what is new, and only of that. */
function createToldState(first: DeviceReason) {
  const handlers: StateHandler[] = [];
  let isUp = false;
  let lastReason = first;
  return {
    isUp: (): boolean => isUp,
    addHandler(handler: StateHandler): void {
      handlers.push(handler);
      if (isUp) handler(true);
      else handler(false, lastReason);
    },
    up(): void {
      isUp = true;
      for (const handler of handlers) handler(true);
    },
    down(reason: DeviceReason): void {
      if (!isUp && isSameDeviceReason(reason, lastReason)) return;
      isUp = false;
      lastReason = reason;
      for (const handler of handlers) handler(false, reason);
    },
    /** Down for good, which whoever closes a bus need not be told. */
    end(): void {
      isUp = false;
    },
  };
}

interface Losses {
  readonly address: string;
  readonly clientId: string;
  readonly lossesAtOnce: number;
}

/** A broker drops the older of two clients of one id, and MQTT 3.1.1 has no word to say so. */
function perhapsTaken(
  reason: DeviceReason,
  { address, clientId, lossesAtOnce }: Losses,
): DeviceReason {
  if (reason.code !== "connectionLost" || lossesAtOnce < lossesAtOnceMin) return reason;
  const detail = `perhaps another client has the id ${clientId}: lost ${lossesAtOnce} times within ${lastedMs / 1_000} s of a connect`;
  return deviceReason("clientIdTaken", { address, detail });
}
