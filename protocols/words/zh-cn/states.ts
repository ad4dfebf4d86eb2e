import type { SideStore } from "../../side-stores.ts";

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

export const machineState = {
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
  Completing: "收尾中",
  Complete: "已完成",
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
  annunciator: "声光报警器",
  camera: "相机",
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

export const sideStore = {
  archive: "已结案件归档",
  segments: "日志分段",
  refusedMessages: "被拒报文",
  anchors: "日志锚点",
} as const satisfies Readonly<Record<SideStore, string>>;

export const condition = {
  emergencyStop: "急停",
  deviceDown: "{detail} 无应答",
  xrayNotReady: "X光机未就绪[：{detail}]",
  guardOpen: "防护门{detail}打开",
  guardUnheard: "防护门{detail}可能打开",
  readsShifted: "面单与包裹错开一件",
  readerOutOfStep: "读码器尚待测试",
  tunnelUnknown: "X光机内包裹不明",
  jam: "{detail} 处堵包",
  beltFull: "皮带上包裹过多",
  chuteNotReady: "{detail}未就绪",
  unexpectedInGreen: "放行口出现未经判定的包裹",
  journalNotTaken: "中心未收入其日志，所示数据已旧",
  diskFull: "控制程序的磁盘已满",
  imagesNotKept: "X光图像无法保存",
  controllerLeft: "控制程序已自行退出[：{detail}]",
} as const;

export const controlEffect = {
  waiting: "已布控。包裹尚未到线，到线后送开箱查验口。",
  undocumented: "已布控。尚无单证提到该运单号，请核对号码。包裹到来后将送查验。",
  onBelt: "已布控。包裹正在皮带上，将送开箱查验口。",
  unseen: "已布控。该包裹曾在皮带上，但未见其去向：须派人查找，先查放行口。",
  intercept: "已来不及分流：包裹已过最后分流点，须派人拦截。",
} as const;

export const controlHeldBack = {
  confirmed: "{lines} 已确认。",
  unconfirmed: "{lines} 尚未确认，包裹仍可能在该线放行：请手动停带，或在放行口取出该包裹。",
  cannotRelease: "{lines} 尚未确认，但不能放行该包裹。",
} as const;

export const decisionRefusal = {
  imageChanged: "图像已更换，请重新查看。",
  tooLate: "已超时：包裹已过最后分流点，送开箱查验口。",
  lockedByOther: "该图像由另一名关员处理中。",
  notLocked: "该图像已不为您锁定，请重新选取。",
  tooSoon: "图像刚出现，按键过早。",
  unknownTask: "该图像已不在待审队列中。",
  lineNotHeard: "未收到该线消息，决定无法下达。",
  alreadyDecided: "该图像已有判定。",
  cmdIdReused: "该指令编号已用于另一项决定，请重新判定。",
} as const;

export const problem = {
  unknownTask: "该图像已不在待审队列中。",
  lockedByOther: "该图像由另一名关员处理中。",
  documentsDamaged: "所需单证无法读取，请通知技术员。",
  notJournalled: "中心日志未能记录，请重新提交。",
  cmdIdReused: "该指令编号已用于另一项布控，请重新下达。",
  storeFull: "中心留存数量已达上限。",
  badField: "提交的内容无效[：{field}]。",
  badRequest: "中心无法读取该请求。",
  foreignOrigin: "本页面不属于所请求的中心。",
  notAllowed: "当前角色无权操作。",
  pathTooLong: "编号过长。",
  tooBig: "提交的内容过长。",
  badMediaType: "中心不接受此类请求。",
  stopping: "中心正在停止运行。",
  internal: "中心内部故障，请联系技术人员。",
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

export const judge = {
  algorithm: "智能审图",
  officer: "关员",
} as const;

export const why = {
  late: "来得太晚",
  diskFull: "磁盘已满",
  journalFailed: "日志无法写入",
  journalUnopened: "日志无法打开",
  newGeneration: "改用新的日志",
  bug: "程序出错",
  stopped: "被人停止",
  slept: "机器曾休眠",
  calendar: "日历被改动",
  stalled: "程序曾停顿",
  timeBreak: "时间中断",
  jumped: "日历跳变",
  restarted: "中心停机过久",
  notConnected: "分拣机未连接",
  noSession: "分拣机尚未开始会话",
  wireFull: "待发数据过多",
  missed: "摆轮未能分流",
  staleCount: "皮带已过该位置",
  staleEpoch: "分拣机已重启",
  noLife: "分拣机收不到线路消息",
  overlap: "与另一指令重叠",
  queueFull: "分拣机队列已满",
  invalid: "分拣机无法识别",
  noAnswer: "分拣机未应答",
  aborted: "已撤回",
  emergencyStop: "急停",
  claimedElsewhere: "正在另一次过线中",
  alreadyReleased: "此前已放行",
  outcomeUnknown: "此前过线结果待查明",
  unknownWaybill: "未知运单",
  passEnded: "包裹已离线",
  imageChanged: "图像不同",
  tooLate: "已超时",
  reasonStands: "先前的决定有效",
  itemMissing: "X光机未报该件",
  itemSequenceGap: "X光机序号有缺",
  itemUnexpected: "X光机报出未预告的件",
  itemTwice: "X光机重复报件",
  itemOutsideWindow: "X光机报件不在窗口内",
  itemLengthDiffers: "X光机报件长度不符",
  deviceDown: "设备无应答",
  imageMissing: "X光机未送图像",
  pictureRepeated: "X光机两次送出同一图像",
  imageElsewhere: "图像属于另一件或长度不符",
  verdictMissing: "X光机未给判定",
  verdictElsewhere: "判定对不上任何包裹",
  strayRead: "读码时没有包裹",
  readBetweenParcels: "在两件之间读码",
  noToken: "读码未带回令牌",
  tokenOfAnother: "读码带回了另一包裹的令牌",
  noCounter: "读码未带触发序号",
  baseUnknown: "读码器的计数起点未知",
  counterOfAnother: "读码带有另一包裹的触发序号",
  noTicks: "读码未带编码器计数",
  ticksElsewhere: "读码触发处没有包裹",
  ticksBetweenParcels: "读码触发于两件包裹之间",
  telegramWithoutPulse: "读码到达而无读码器输出信号",
  pulsesUnanswered: "读码器输出两次而无读码",
  outcomeDiffers: "读码器输出与读码结果矛盾",
  saidBefore: "读码器在另一包裹的输出信号下重复了先前的读码",
  telegramLate: "读码到达时包裹已通过",
  telegramEarly: "读码先于其包裹到达",
  pulseWithoutParcel: "读码器触发处没有包裹",
  uncounted: "读码器被未经供包的包裹触发",
  guardOpen: "防护门打开过",
  jamCleared: "清除过堵包",
  localReset: "线旁复位",
  eventsLost: "分拣机消息有丢失",
  notTested: "尚未测试",
  readMissing: "有包裹没有读码",
  trackMissing: "控制器未给件号",
  trackOther: "带有别的件号",
  trackTwice: "该件号已在皮带上",
  trackElsewhere: "其件号出现在另一包裹上",
  strayWeight: "称重时没有包裹",
  weightMissing: "有包裹没有称重",
} as const;

export const manifestState = {
  STORED: "已入库",
  VOID: "已作废",
  ACTIVATED: "已激活",
  RETURNED: "已退单",
  ACCEPTED: "已受理",
  CONVERTED_TO_DECLARATION: "转报关单",
  CONTROLLED: "已布控",
  ONSITE_REVIEW: "现场审核",
  TRANSFERRED: "已移交",
  GREEN_RELEASE_STAGE: "绿通道",
  AWAITING_MACHINE_PASS: "待过机",
  RELEASE_ELIGIBLE: "可放行",
  RELEASED: "已放行",
  CLOSED: "已结关",
} as const;

export const mark = {
  blade: "刀具",
  firearm: "枪支",
  ammunition: "弹药",
  battery: "电池",
  seeds: "种子",
  "dense organic": "致密有机物",
  unclear: "不明物",
} as const;
