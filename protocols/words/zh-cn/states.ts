export const lineState = {
  Stopped: "停止",
  Resetting: "复位中",
  Idle: "待机",
  Starting: "启动中",
  Execute: "运行",
  Holding: "进入保持",
  Held: "保持",
  Unholding: "解除保持",
  Suspending: "挂起中",
  Suspended: "挂起等待",
  Unsuspending: "恢复中",
  Stopping: "停止中",
  Aborting: "中止中",
  Aborted: "中止",
  Clearing: "清除中",
} as const;

export const health = {
  receiving: "接收正常",
  stale: "无新消息",
  down: "离线",
} as const;

export const device = {
  scanner: "扫码器",
  scale: "动态秤",
  xray: "X光机",
  sorter: "分拣机",
} as const;

export const exit = {
  green: "放行口",
  red: "涉证口",
  inspection: "开箱查验口",
} as const;

export const exitPlace = {
  green: "放行口",
  red: "涉证口",
  inspection: "开箱查验口",
} as const;

export const chute = {
  ready: "就绪",
  full: "满",
  blocked: "堵塞",
  unknown: "未知",
} as const;

export const condition = {
  emergencyStop: "急停",
  beltStopped: "皮带停止",
  beltFault: "皮带与编码器不一致",
  sorterDown: "分拣机无应答",
  scannerDown: "扫码器无应答",
  xrayDown: "X光机无应答",
  xrayNotReady: "X光机未就绪",
  scaleDown: "动态秤无应答",
  deviceDown: "有设备无应答",
  inspectionFull: "开箱查验口已满",
  inspectionBlocked: "开箱查验口堵塞",
  inspectionUnknown: "开箱查验口状态未知",
  inspectionNotReady: "开箱查验口没有余位",
  beltFull: "皮带上包裹过多",
  flushing: "重启后正在清空皮带",
  journalNotWritable: "日志无法写入",
  jam: "光电被遮挡：堵包",
  greenMissort: "放行口出现未经决定的包裹",
} as const;

export const controlEffect = {
  waiting: "已布控。包裹尚未到线，到线后送开箱查验口。",
  onBelt: "已布控。包裹正在皮带上，将送开箱查验口。",
  intercept: "已来不及分流：包裹已过最后分流点，须派人拦截。",
} as const;

export const decisionRefusal = {
  imageChanged: "图像已更换，请重新查看。",
  tooLate: "已超时：包裹已过最后分流点，送开箱查验口。",
  lockedByOther: "该图像由另一名关员处理中。",
  tooSoon: "图像刚出现，按键过早。",
  unknownTask: "该图像已不在待审队列中。",
  lineNotHeard: "未收到该线消息，决定无法下达。",
} as const;

export const taskWhy = {
  suspect: "智能审图：嫌疑",
  unknown: "智能审图：未定",
  officerRequired: "须关员判图",
  sample: "抽检",
} as const;

export const decision = {
  release: "放行",
  open: "开箱查验",
  review: "转现场审核",
} as const;

export const algorithmVerdict = {
  clear: "无嫌疑",
  suspect: "嫌疑",
  unknown: "无法判定",
} as const;

export const manifestState = {
  STORED: "已入库",
  ACTIVATED: "已激活",
  AWAITING_MACHINE_PASS: "待过机",
  COMPARED: "已比对",
  ONSITE_REVIEW: "现场审核",
  CONTROLLED: "已布控",
  RELEASED: "已放行",
  CLOSED: "已结关",
  RETURNED: "已退单",
  WITHDRAWN: "已退关",
} as const;

export const judge = {
  algorithm: "智能审图",
  officer: "关员",
} as const;
