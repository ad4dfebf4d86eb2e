import { z } from "zod";

/** The policies that OPC UA does not call deprecated. */
const opcuaPolicies = ["Basic256Sha256", "Aes128_Sha256_RsaOaep", "Aes256_Sha256_RsaPss"] as const;

const zOpcuaSecurity = z.discriminatedUnion("mode", [
  z.strictObject({
    mode: z.literal("none"),
    /** On any wire that leaves the machine, unsecured must be asked for by name. */
    allowBeyondLoopback: z.boolean().default(false),
  }),
  z.strictObject({
    mode: z.enum(["sign", "signAndEncrypt"]),
    policy: z.enum(opcuaPolicies).default("Basic256Sha256"),
    /**
     * Take the server's certificate as it comes. False leaves an unknown one in the folder
     * `rejected`, to be moved to `trusted` by a person.
     */
    trustAnyServer: z.boolean().default(false),
  }),
]);
export type OpcuaSecurity = z.infer<typeof zOpcuaSecurity>;

/** How to reach an OPC UA server. Devices add what is theirs and refine with `isReachSafe`. */
export const zOpcuaReachFields = {
  kind: z.literal("opcua"),
  endpointUrl: z.string().regex(/^opc\.tcp:\/\/[^/\s]+/, "opc.tcp://host:port/..."),
  security: zOpcuaSecurity.default({ mode: "none", allowBeyondLoopback: false }),
  /** Asked of the server, which may revise it upwards. 5 to 1,000; 10 suits a belt. */
  publishingIntervalMs: z.number().min(5).max(1_000).default(10),
} as const;

const zOpcuaReach = z.strictObject(zOpcuaReachFields);
export type OpcuaReach = z.infer<typeof zOpcuaReach>;

export const unsafeReachMessage =
  "unsecured OPC UA is for loopback; set allowBeyondLoopback, or mode signAndEncrypt";

/** False for an unsecured endpoint on another machine that was not asked for by name. */
export function isReachSafe(reach: {
  readonly endpointUrl: string;
  readonly security: OpcuaSecurity;
}): boolean {
  if (reach.security.mode !== "none" || reach.security.allowBeyondLoopback) return true;
  const host = /^opc\.tcp:\/\/(\[[^\]]*\]|[^/:]*)/.exec(reach.endpointUrl)?.[1] ?? "";
  return host === "localhost" || host === "[::1]" || /^127(\.\d{1,3}){3}$/.test(host);
}
