import {
  CallMethodResult,
  CallResponse,
  StatusCodes,
  WriteResponse,
  type OPCUAServer,
} from "node-opcua";

/**
 * Fault: how a server answers who writes or calls. It does what it is asked; then it answers as it
 * must, never, or with one result more than there were questions.
 */
export type OpcuaAnswers = "whole" | "none" | "oneTooMany";

/** Answers of this server, of every client. Asked for each answer anew. */
export function spoilAnswers(server: OPCUAServer, answers: () => OpcuaAnswers): void {
  server.on("newChannel", (channel) => {
    const send = channel.send_response.bind(channel);
    channel.send_response = (type, response, message, callback) => {
      const isAnswer = response instanceof WriteResponse || response instanceof CallResponse;
      if (isAnswer && answers() === "none") return callback?.();
      if (isAnswer && answers() === "oneTooMany") addResult(response);
      send(type, response, message, callback);
    };
  });
}

function addResult(response: WriteResponse | CallResponse): void {
  if (response instanceof WriteResponse) {
    response.results = [...(response.results ?? []), StatusCodes.Good];
  } else {
    const more = new CallMethodResult({ statusCode: StatusCodes.Good });
    response.results = [...(response.results ?? []), more];
  }
}
