// Asks sealcheck's service about an image directory, which travels with the call as an open descriptor.
// Usage: verify SOCKET DIRECTORY IDENTITY
// Exit code: 0 accepted, 1 rejected, 2 no verdict. Only 0 allows to install.
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { ACCEPTED = 0, REJECTED = 1, NO_VERDICT = 2, LONGEST_MESSAGE = 16 * 1024 * 1024 };

union control {
	struct cmsghdr header;
	char space[CMSG_SPACE(sizeof(int))];
};

static int connect_to(const char *path) {
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct timeval patience = { .tv_sec = 60 };
	if (strlen(path) >= sizeof address.sun_path) errx(NO_VERDICT, "no verdict: the path of the socket is too long");
	strcpy(address.sun_path, path);
	int service = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (service < 0 || connect(service, (struct sockaddr *)&address, sizeof address) < 0) err(NO_VERDICT, "no verdict: %s", path);
	setsockopt(service, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	return service;
}

// A message ends with a NUL. The descriptor goes with its first byte.
static void send_call(int service, const char *text, int descriptor) {
	size_t length = strlen(text) + 1;
	union control control = { 0 };
	struct iovec part = { (void *)text, length };
	struct msghdr message = { NULL, 0, &part, 1, &control, sizeof control, 0 };
	control.header = (struct cmsghdr){ CMSG_LEN(sizeof descriptor), SOL_SOCKET, SCM_RIGHTS };
	memcpy(CMSG_DATA(&control.header), &descriptor, sizeof descriptor);
	for (size_t sent = 0; sent < length;) {
		ssize_t count = sent == 0 ? sendmsg(service, &message, MSG_NOSIGNAL)
		                          : send(service, text + sent, length - sent, MSG_NOSIGNAL);
		if (count < 0) err(NO_VERDICT, "no verdict: the call cannot be sent");
		sent += count;
	}
}

// The text of the reply, and the one descriptor that may come with it; -1 if none does.
static char *receive_reply(int service, int *descriptor) {
	char *text = NULL;
	*descriptor = -1;
	for (size_t length = 0, size = 65536;; size *= 2) {
		if (size > LONGEST_MESSAGE || (text = realloc(text, size)) == NULL) errx(NO_VERDICT, "no verdict: the reply is too long");
		while (length < size) {
			union control control = { 0 };
			struct iovec part = { text + length, size - length };
			struct msghdr message = { NULL, 0, &part, 1, &control, sizeof control, 0 };
			ssize_t count = recvmsg(service, &message, MSG_CMSG_CLOEXEC);
			if (count <= 0 || message.msg_flags & MSG_CTRUNC) errx(NO_VERDICT, "no verdict: the service did not reply");
			struct cmsghdr *header = CMSG_FIRSTHDR(&message);
			if (header != NULL && header->cmsg_type == SCM_RIGHTS)
				memcpy(descriptor, CMSG_DATA(header), sizeof *descriptor);
			length += count;
			if (text[length - 1] == '\0') return text;
		}
	}
}

int main(int count, char **arguments) {
	if (count != 4) errx(NO_VERDICT, "usage: verify SOCKET DIRECTORY IDENTITY");
	// Opened once: who exchanges the directory by another one afterwards changes nothing.
	int directory = open(arguments[2], O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (directory < 0) err(NO_VERDICT, "no verdict: %s", arguments[2]);
	int service = connect_to(arguments[1]);

	struct json_object *call = json_object_new_object(), *parameters = json_object_new_object();
	json_object_object_add(call, "method", json_object_new_string("dev.sealcheck.Verify.VerifyDirectory"));
	json_object_object_add(call, "parameters", parameters);
	json_object_object_add(parameters, "identity", json_object_new_string(arguments[3]));
	json_object_object_add(parameters, "directory_fd_index", json_object_new_int(0));
	send_call(service, json_object_to_json_string(call), directory);

	// With "error" nothing was judged, and there is no verdict.
	int manifest;
	const char *text = receive_reply(service, &manifest);
	struct json_object *reply = json_tokener_parse(text), *error, *answer, *verdict, *outcome;
	if (json_object_object_get_ex(reply, "error", &error) || !json_object_object_get_ex(reply, "parameters", &answer) ||
	    !json_object_object_get_ex(answer, "verdict", &verdict) ||
	    !json_object_object_get_ex(verdict, "outcome", &outcome))
		errx(NO_VERDICT, "no verdict: %s", text);
	puts(json_object_get_string(json_object_object_get(verdict, "message")));
	if (!json_object_is_type(outcome, json_type_string) || strcmp(json_object_get_string(outcome), "accepted") != 0)
		return REJECTED;

	// What was judged, in a memory file that nobody can change. Never read DIRECTORY/manifest.json instead.
	struct stat status;
	if (manifest < 0 || fstat(manifest, &status) < 0) errx(NO_VERDICT, "no verdict: no manifest came with the reply");
	const char *digest = json_object_get_string(json_object_object_get(verdict, "manifest_digest"));
	printf("Manifest to use: %s, %lld bytes\n", digest, (long long)status.st_size);
	return ACCEPTED;
}
