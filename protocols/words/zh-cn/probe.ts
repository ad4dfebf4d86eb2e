export const probeHint = {
  portClosed:
    "该地址无人监听[：{address}]。设备是否开机，端口是否正确？许多设备只接受一个连接：检测前请先停止代理程序。",
  pathGone: "没有 {path}。[本机现有 {paths}。]/dev/serial/by-id 下的名称不会改变。",
  pathDenied: "当前用户无权打开 {path}：请将该用户加入文件所属的组，通常为 dialout。",
  pathBusy: "{path} 正被其他程序占用：检测前请先停止代理程序。",
  silentLine:
    "已连接，{seconds} 秒内一个字节也没有收到。设备是否开机，收发线是否接反，设备是否会主动发送？波特率不对时也可能像没有数据。",
  silentPeer: "已连接，{seconds} 秒内一个字节也没有收到。设备是否会主动发送，是否发到本连接？",
  lineErrors: "期间串口记录到 {total} 个损坏字符：波特率、数据位、校验位或停止位与设备不一致。",
  parityBit:
    "每个字节的第 7 位是校验位：设备使用 7 个数据位，校验为 {parity}。请将 dataBits 设为 7，parity 设为 {parity}。",
  notTextOnLine: "收到 {total} 个字节，多数不是文本：波特率与设备不一致，或设备使用二进制协议。",
  notText: "收到 {total} 个字节，多数不是文本：设备使用二进制协议，或接的是别的设备。",
  otherDialect: "收到的是 {dialect}：请将协议设为它。",
  noStart: "没有以 {start} 开头的帧：请将 startHex 设为设备的设置，或设为 null。",
  otherEnd: "没有以 {ends} 结尾的帧，收到的是 {end}：请将 endHex 设为它。",
  settings: "用 {settings} 可以完整读出收到的内容：请设置 preset 或 dialect。",
  badMessage: "有一条消息无法接受：{detail}",
  otherTopics: "{base} 下没有消息，但以下主题上有：{topics}。其中是否有该设备的主题？",
  retainedOnly: "{base} 下只有保留消息，无人知道其时间：请在设备上关闭 retain。",
  silentBroker:
    "已连接到消息服务器，{seconds} 秒内 {base} 下和别处都没有消息：设备是否连接到这台消息服务器？",
  noNamespace: "服务器没有该命名空间：{detail}。请将 namespaceUri 设为其中之一。",
  noNode: "服务器没有某个节点：{detail}",
  readOnly: "服务器不允许写入：{detail}。请为本机用户开通写权限。",
  misfit: "服务器上的内容与映射不符：{detail}",
  notTrusted:
    "一方不信任另一方的证书。本机证书须在服务器上设为受信任；服务器的证书在本代理的 rejected 文件夹中，移到 trusted 后才受信任。",
  silentServer: "服务器已全部授权，但设备 {seconds} 秒内没有任何消息。",
} as const;

export const probe = {
  counted: "已接受 {good} 条消息，未接受 {discarded} 条",
} as const;
