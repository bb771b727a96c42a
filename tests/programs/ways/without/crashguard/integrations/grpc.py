"""An interceptor that passes on."""

import grpc


class CrashInterceptor(grpc.ServerInterceptor):
    def intercept_service(self, continuation, details):
        return continuation(details)
