export const trust = {
  shown: "{address} 出示的证书：",
  replaced: "该处目前受信任的证书：",
  subject: "持有者",
  applicationUri: "应用",
  fingerprint: "SHA-256",
  valid: "有效期",
  days: "{from} 至 {to}",
  nobody: "（未注明）",
  compare: "信任之前，请与设备自身显示的 SHA-256 核对。",
  renewal:
    "名称与目前受信任的证书相同，且日期较新，像是更新后的证书。证书上的名称人人可写，请与设备自身显示的 SHA-256 核对。",
  foreign:
    "名称与目前受信任的证书不同。如果设备没有更换，则有别人在该处应答，请查明；如果确已更换，请加 --replace。",
  question: "信任它吗？（yes/no）",
  already: "该证书已受信任，未作任何更改。",
  done: "该证书现已受信任。运行中的代理会在数秒内下一次连接时采用。",
  unchanged: "未作任何更改。",
  nobodyToAsk: "无人可问，未作任何更改；脚本中请用 --yes。",
  unfit: "不能信任：{why}",
  unreached: "服务器没有出示证书：{why}",
  noServer: "{id} 通过 {kind} 连接，没有可在此信任的服务器证书。",
  unsecured: "{id} 的连接未加密；请先在配置中设置 security.mode。",
} as const;
