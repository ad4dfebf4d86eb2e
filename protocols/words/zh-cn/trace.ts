export const trace = {
  title: "{device} 的线路数据",
  why: "在 {minutes} 分钟内显示该设备线路上的双向数据，以及程序对其的解读。查看这一行为会被记录；显示的内容不保存。",
  whoFirst: "查看者会被记录：请先说明您是谁。",
  sayWho: "说明身份",
  begin: "查看 {minutes} 分钟",
  runs: "还将显示 {time}",
  over: "已结束",
  pause: "暂停",
  resume: "继续",
  copy: "复制",
  copied: "已复制",
  notCopied: "浏览器不允许本页面复制。",
  clear: "清空",
  empty: "线路上尚无数据。",
  leftOut: "省略了 {total} 条：超出可保留或可传送的量",
  silent: "线路控制器已有 {seconds} 秒没有应答。",
  unreachable: "中心没有应答。",
  notUnderstood: "收到的应答不是中心发出的。",
  retained: "代理保留的消息",
  wholeLength: "共 {total}",
  connected: "已连接",
  notConnected: "未连接",
} as const;

export const traceWay = {
  in: "来自设备",
  out: "发往设备",
  heard: "已理解",
  dropped: "未采纳",
  said: "要求发送",
  state: "线路",
  found: "找到",
} as const;

export const traceProblem = {
  badField: "请求无法读取[（{field}）]",
  notAllowed: "并非人人可看",
  unknownDevice: "没有任何线路有此设备",
  agentSilent: "收不到线路控制器的消息",
  tooManyTraces: "同时查看的设备已达上限：请等其中一个结束",
  notJournalled: "查看行为未能记录：请重试",
} as const;
