/** The lab's companies. Codes have the form of customs registration numbers and belong to nobody. */
export interface Party {
  readonly code: string;
  readonly name: string;
}

export const shippers: readonly [Party, ...Party[]] = [
  { code: "3215960AA1", name: "张家港示范跨境电子商务有限公司" },
  { code: "3215960AA2", name: "苏州示范服饰进出口有限公司" },
  { code: "91320582MA1XXXXX1A", name: "江苏示范供应链管理有限公司" },
];

export const platforms: readonly [Party, ...Party[]] = [
  { code: "3301960BB1", name: "示范跨境出口平台" },
  // A foreign platform has no code; the specification then asks for this word.
  { code: "无", name: "Example Marketplace Ltd. & Co" },
];

export const declarant: Party = { code: "3215980CC1", name: "张家港示范报关有限公司" };
export const payer: Party = { code: "3101980DD1", name: "示范支付有限公司" };

const post: Party = { code: "3215980EE1", name: "示范邮政速递有限公司" };
const express: Party = { code: "3215980EE2", name: "示范快递有限公司" };

/** Post carries what bears an S10 number, the express company the rest. */
export const carrierOf = (waybill: string): Party =>
  /^[A-Z]{2}[0-9]{9}CN$/.test(waybill) ? post : express;

/** Destinations by JGS-20 country code, with the port's code. */
export const destinations: readonly [Destination, ...Destination[]] = [
  { country: "502", port: "3151" },
  { country: "304", port: "2110" },
  { country: "303", port: "2365" },
  { country: "116", port: "1354" },
];
export interface Destination {
  readonly country: string;
  readonly port: string;
}
